/** What the screen may ask of the till. Two hosts answer: the real one (tauri.ts) and the one for tests and demonstration (fake.ts). */
import type {
  About, CashPreview, Decision, Failure, FailureCode, Goods, JournalPage, JournalState, JournalTopic, KaspiAnswer, KaspiSearch, PeoplePage, PriceChange, PricePreview, PriceReasonCode, Proof, QuickPage, ReceiptQr, RoleCode, Saving, SearchHit,
  Settings, SettingsPage, TenderCode, View,
} from './contract';

export interface Resolution {
  attemptId: string;
  decision: Decision;
  by: string;
  reason: string;
  reference: string;
  evidence: string;
}

export interface Backend {
  viewShow(): Promise<View>;
  /** What was scanned or typed as a code. Fails with `unknown_code`, or says what is wrong with the code, and leaves the cart alone. */
  itemScan(code: string): Promise<View>;
  itemAdd(itemId: number): Promise<View>;
  /** Something the catalogue does not know; `code` is what was scanned of it. */
  itemSellByPrice(price: string, code: string | null): Promise<View>;
  /** Typed text, "3" or "0,746". */
  lineSetQuantity(lineId: number, quantity: string): Promise<View>;
  lineRemove(lineId: number): Promise<View>;
  lineRestore(): Promise<View>;
  priceChange(change: PriceChange, reason: PriceReasonCode | null): Promise<View>;
  /** What a change would come to; fails where it is not possible. */
  pricePreview(change: PriceChange): Promise<PricePreview>;
  /** Puts the sale in hand aside and opens the next cart. */
  saleHold(): Promise<View>;
  /** Goods in the cart are put aside in their turn. */
  saleRecall(saleId: string): Promise<View>;
  saleDiscard(saleId: string): Promise<View>;
  catalogueSearch(text: string): Promise<SearchHit[]>;
  catalogueQuickKeys(): Promise<QuickPage[]>;
  /** What a typed amount would do; fails with `bad_amount` when it is none. */
  cashPreview(received: string): Promise<CashPreview>;
  /** `received` null takes the exact sum; less than due is a part payment. */
  paymentCash(commandId: string, received: string | null): Promise<View>;
  /** Gives back the cash taken in part; the cart is open again. */
  cashReturn(): Promise<View>;
  /** Returns once the intent is stored; progress comes by views. */
  paymentDevice(commandId: string, tender: TenderCode, amount: string | null): Promise<View>;
  attemptCheck(attemptId: string): Promise<View>;
  attemptStopWaiting(attemptId: string): Promise<View>;
  /** Puts the sale in doubt aside and opens the next cart. */
  attemptPark(attemptId: string): Promise<View>;
  /** Brings a parked doubt back on the screen. */
  attemptOpen(attemptId: string): Promise<View>;
  attemptResolve(resolution: Resolution): Promise<View>;
  screenDismiss(): Promise<View>;
  /** Closes the window whatever is open; it may take some seconds while a payment is being started. */
  windowClose(): Promise<void>;
  /** Answers the path of the saved file. */
  receiptSavePdf(receiptNumber: string): Promise<string>;
  /** Null where the receipt is too long for a code. */
  receiptQr(receiptNumber: string): Promise<ReceiptQr | null>;
  localeSet(locale: string): Promise<View>;
  settingsShow(): Promise<SettingsPage>;
  /** Whole or not at all; a refusal is an answer and names the setting. */
  settingsSave(settings: Settings): Promise<Saving>;
  aboutShow(): Promise<About>;
  goodsShow(): Promise<Goods>;
  /** Reads a goods file by its bytes and compares; what follows comes by views, as with the other acts of an import. */
  importRead(bytes: Uint8Array): Promise<View>;
  /** Takes the goods of the file that was read. */
  importTake(): Promise<View>;
  importStop(): Promise<View>;
  /** Forgets the file or the outcome. */
  importLeave(): Promise<View>;
  /** Back to the goods before the last import. */
  importUndo(): Promise<View>;
  /** The first person of a shop that has nobody; they are signed in by it. */
  ownerMake(name: string, pin: string): Promise<View>;
  /** Whoever was signed in before is signed out; the cart and an open payment stay. Fails with `wrong_pin` and what is left of the tries. */
  sessionOpen(personId: string, pin: string): Promise<View>;
  sessionOpenByBadge(badge: string): Promise<View>;
  sessionLock(): Promise<View>;
  /** Another person allows what failed with `needs_approval`; the same command is then given once more. */
  liftGive(refusalId: string, proof: Proof, reason: string): Promise<void>;
  peopleShow(): Promise<PeoplePage>;
  /** A page of what fits, newest first; null stands for all. `before` is the number of the fact that ended the page before. */
  journalShow(personId: string | null, topic: JournalTopic | null, day: string | null, before: number | null): Promise<JournalPage>;
  /** Walks the whole chain. */
  journalVerify(): Promise<JournalState>;
  /** Asks the terminal who it is; charges nothing. What stands in the way is an answer, as with the acts below. */
  kaspiShow(): Promise<KaspiAnswer>;
  /** The same, written down as the proof of a set-up. */
  kaspiTest(): Promise<KaspiAnswer>;
  /** The next step of a trial: the smallest payment, or its refund. Waits until the terminal has answered. */
  kaspiTry(commandId: string): Promise<KaspiAnswer>;
  /** Waits for the press on the terminal, up to three minutes. `compared` is the key somebody has compared. */
  kaspiRegister(compared: string | null): Promise<KaspiAnswer>;
  /** A registration that waits answers with `given_up`. */
  kaspiGiveUp(): Promise<void>;
  kaspiRenew(): Promise<KaspiAnswer>;
  kaspiForget(): Promise<KaspiAnswer>;
  kaspiUnlock(passphrase: string): Promise<KaspiAnswer>;
  /** Looks through the network of an address; null: the terminal's, or this machine's. */
  kaspiSearch(near: string | null): Promise<KaspiSearch>;
  personAdd(name: string, role: RoleCode, pin: string): Promise<PeoplePage>;
  /** A role that wants a longer PIN than the person has fails with `bad_pin` until it comes with one. */
  personChange(personId: string, name: string, role: RoleCode, pin: string | null): Promise<PeoplePage>;
  personSetPin(personId: string, pin: string): Promise<PeoplePage>;
  /** Null takes the badge away. */
  personSetBadge(personId: string, badge: string | null): Promise<PeoplePage>;
  personRemove(personId: string): Promise<PeoplePage>;
  /** Calls back with each view the till sends by itself; the answer ends it. */
  onView(callback: (view: View) => void): Promise<() => void>;
  /** Calls back when the window is to be closed and payments are open: the window stays until `windowClose`. */
  onCloseAsked(callback: () => void): Promise<() => void>;
}

/** Commands fail with a `Failure`; anything else is a fault of the host and is shown as such. */
export function asFailure(reason: unknown): Failure {
  if (typeof reason === 'object' && reason !== null && 'code' in reason && 'message' in reason) return reason as Failure;
  return failure('internal', String(reason));
}

export function failure(code: FailureCode, message = ''): Failure {
  return { code, message };
}
