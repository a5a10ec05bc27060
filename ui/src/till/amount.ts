/** Typed sums as text. Nothing is counted here: the till reads the text itself and answers in words and figures. */
const AMOUNT = /^\d+(?:[.,]\d{1,2})?$/;
const MOST_DIGITS = 9;

/** Major units with a comma or a dot, nine digits at most. */
export function isAmount(text: string): boolean {
  return AMOUNT.test(text) && text.replace(/\D/g, '').length <= MOST_DIGITS;
}

/** What is left of typed text in a pad that takes a sum or a weight. */
export function onlyFigures(text: string): string {
  return text.replace(/[^\d.,]/g, '');
}

/** "0" or "0,00": nothing to give back. */
export function isZero(figures: string): boolean {
  return /^[0.,\s]*$/.test(figures);
}
