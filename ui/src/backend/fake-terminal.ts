/** The make-believe shop's Kaspi terminal at its set-up: it lets the till in when `press` is called. */
import type { KaspiAnswer, KaspiPermission, KaspiSearch, KaspiSecurity, KaspiState, KaspiTrial, KaspiTrouble } from './contract';

const UNIT = { serial: '00043010171', terminal: '31452963' };
const KEY = '3F:9A:41:0C:77:E2:5B:18:D4:96:AA:03:6E:CF:52:81:BD:20:F7:64:39:E8:0B:95:1C:D3:7A:46:AE:58:F0:12';

export class FakeTerminal {
  /** Set it by hand to see what the page says. */
  permission: KaspiPermission = 'let_in';
  trouble: KaspiTrouble | null = null;
  passphrase: string | null = null;
  found: KaspiSearch = {
    kind: 'found',
    terminals: [
      { address: '192.168.1.40:8080', protected: true, unit: null },
      { address: '192.168.1.47:8080', protected: false, unit: { serial: '00043010188', terminal: '31452977' } },
    ],
  };
  trial: KaspiTrial | null = null;
  /** The steps a trial comes to, one a question. */
  trialSteps: KaspiTrial[] = [
    { step: 'paid', receipt: '17', refund: null, said: '' },
    { step: 'returned', receipt: '17', refund: '18', said: '' },
  ];
  private compared = '';
  private waiting: ((answer: KaspiAnswer) => void) | null = null;

  private state(): KaspiState {
    const letIn = this.permission === 'let_in' || this.permission === 'not_needed';
    const trouble = this.trouble ?? (letIn ? null : 'not_let_in');
    return {
      ready: trouble === null,
      answers: this.trouble === null,
      permission: this.permission,
      ends: this.permission === 'let_in' ? '2026-11-23 08:10:00' : null,
      unit: letIn ? UNIT : null,
      answering: trouble === null ? UNIT : null,
      trouble,
      message: '',
      latencyMs: '14',
      trial: this.trial,
    };
  }

  private refused(trouble: KaspiTrouble, key: string | null = null): KaspiAnswer {
    return { kind: 'refused', trouble, message: '', key };
  }

  async show(): Promise<KaspiAnswer> {
    return { kind: 'state', state: this.state() };
  }

  /** As the terminal answers, one step a question. */
  async try(): Promise<KaspiAnswer> {
    this.trial = this.trialSteps.shift() ?? this.trial;
    return this.show();
  }

  async register(security: KaspiSecurity, compared: string | null): Promise<KaspiAnswer> {
    if (this.trouble !== null) return this.refused(this.trouble);
    if (security === 'open') return this.refused('open_mode');
    this.compared = compared ?? this.compared;
    if (security === 'pinned' && this.compared !== KEY) return this.refused('key_to_compare', KEY);
    if (this.passphrase === '') return this.refused('passphrase_missing');
    return new Promise((resolve) => (this.waiting = resolve));
  }

  /** Somebody answers the question on the terminal. */
  press(allowed = true): void {
    if (allowed) this.permission = 'let_in';
    this.waiting?.(allowed ? { kind: 'state', state: this.state() } : this.refused('refused'));
    this.waiting = null;
  }

  async giveUp(): Promise<void> {
    this.waiting?.(this.refused('given_up'));
    this.waiting = null;
  }

  async forget(): Promise<KaspiAnswer> {
    this.permission = 'none';
    return this.show();
  }

  async unlock(passphrase: string): Promise<KaspiAnswer> {
    this.passphrase = passphrase;
    return this.show();
  }

  async search(): Promise<KaspiSearch> {
    return this.found;
  }
}
