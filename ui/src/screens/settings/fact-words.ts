/** What a fact of the journal says, in words. */
import type { Actor, FactPart } from '../../backend/contract';
import { t, type Key } from '../../words';

const SETTINGS: Partial<Record<string, Key>> = { shop: 'fact_setting_shop', language: 'fact_setting_language', pin_key: 'fact_setting_pin_key', kaspi_unit: 'fact_setting_kaspi_unit', kaspi_key: 'fact_setting_kaspi_key', kaspi_trial: 'fact_setting_kaspi_trial', vault: 'fact_setting_vault' };

export function partWords(part: FactPart): string {
  switch (part.kind) {
    case 'text': {
      const setting = part.name === 'setting' ? SETTINGS[part.value] : undefined;
      if (setting !== undefined) return t(setting);
      return t(`fact_part_${part.name}`, { value: part.value });
    }
    case 'role':
      return t(`role_${part.role}`);
    case 'role_before':
      return t('fact_role_before', { role: t(`role_${part.role}`) });
    case 'right':
      return t(`right_${part.right}`);
    case 'decision':
      return t(`fact_decision_${part.decision}`);
    case 'signed_by':
      return t(`fact_signed_by_${part.by}`);
    case 'left_why':
      return t(`fact_left_${part.why}`);
    case 'badge':
      return t(part.given ? 'fact_badge_given' : 'fact_badge_taken');
    default:
      return part satisfies never;
  }
}

export function actorWords(actor: Actor): string {
  if (actor.kind === 'person') return actor.name;
  return t(actor.kind === 'terminal' ? 'journal_by_terminal' : 'journal_by_till');
}
