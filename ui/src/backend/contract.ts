// Generated from src-tauri/src/contract.rs; `make contract` writes it again. Do not edit.

/**
 * Text ready to show: figures grouped by thousands, the currency sign apart so that it can be drawn lighter.
 */
export type AmountText = { figures: string, sign: string, };

export type DeviceCode = "kaspi";

export type TenderCode = "cash" | "kaspi";

export type LightState = "ready" | "busy" | "attention" | "down";

export type LightReason = "in_doubt" | "no_link" | "not_let_in";

export type Light = { device: DeviceCode, name: string, state: LightState, reason: LightReason | null, };

export type Header = { shop: string, till: string, training: boolean, lights: Array<Light>, };

/**
 * Why a payment stands in the strip.
 */
export type TaskCode = "doubt" | "unpaid" | "return" | "paid_twice" | "contradiction" | "refund_doubt" | "refund_return" | "refund_contradiction";

/**
 * A payment that a person must not forget.
 */
export type Task = { kind: TaskCode, attemptId: string, tender: TenderCode, tenderName: string, amount: AmountText, 
/**
 * Time of day the attempt began.
 */
time: string, saleId: string, saleTicket: string, 
/**
 * Cash taken in part: it goes back when the sale is given up.
 */
cashTaken: AmountText | null, };

/**
 * Why a price was changed.
 */
export type PriceReasonCode = "damaged" | "best_before" | "shelf_price" | "regular_customer" | "goodwill";

/**
 * A discount as it was given, `−10%`, and what it takes off.
 */
export type GivenDiscount = { given: string, amount: AmountText, reason: PriceReasonCode | null, };

export type CartLine = { id: number, name: string, 
/**
 * The language of the name, as a tag; empty where it is not known.
 */
lang: string, 
/**
 * With its unit where it is weighed or measured.
 */
quantity: string, unitPrice: AmountText, amount: AmountText, 
/**
 * The good's own price, where the line has another.
 */
usualPrice: AmountText | null, discount: GivenDiscount | null, 
/**
 * The line needs a second row: its quantity is not one piece, or its price is not the usual one.
 */
detailed: boolean, };

export type TaxRow = { rate: string, amount: AmountText, };

export type TenderRow = { tender: TenderCode, name: string, amount: AmountText, };

/**
 * A note the customer may hand over. `received_text` is what `payment_cash` takes.
 */
export type Note = { receivedText: string, received: AmountText, change: AmountText, };

export type PayBlock = "empty_cart" | "in_doubt" | "device_busy" | "nothing_due";

/**
 * One pay key; a key that cannot be pressed says why.
 */
export type PayKey = { 
/**
 * The function key it answers to.
 */
slot: string, tender: TenderCode, name: string, 
/**
 * What it takes, where that is not to the tiyn what is due: a coin, a whole tenge.
 */
takes: AmountText | null, blocked: PayBlock | null, };

export type Cart = { ticket: string, lines: Array<CartLine>, lineCount: number, 
/**
 * Pieces counted, each weighed line as one.
 */
itemCount: number, total: AmountText, due: AmountText, 
/**
 * What all discounts together take off.
 */
saved: AmountText | null, 
/**
 * The discount of the whole cart.
 */
discount: GivenDiscount | null, taxes: Array<TaxRow>, 
/**
 * The VAT comes on top of the prices; else it is in them.
 */
vatAdded: boolean, tenders: Array<TenderRow>, notes: Array<Note>, payKeys: Array<PayKey>, locked: boolean, 
/**
 * The line removed last, which can be put back.
 */
removed: string | null, empty: boolean, };

export type StageCode = "sent" | "customer" | "confirm" | "pin" | "bank" | "switched_off" | "asking" | "outcome" | "approved" | "declined" | "cancelled";

export type StageState = "done" | "now" | "todo" | "failed" | "doubt";

/**
 * `time` is when the stage was reached.
 */
export type Stage = { code: StageCode, state: StageState, time: string | null, };

export type AttemptState = "intended" | "pending" | "approved" | "declined" | "cancelled" | "not_started" | "unknown";

/**
 * Why an attempt is where it is. The screen has words for each.
 */
export type Reason = "unreachable" | "certificate_out_of_time" | "certificate_name" | "certificate_unknown" | "certificate_changed" | "no_tls" | "wrong_unit" | "refused_busy" | "refused_blocked" | "refused_authorisation" | "refused_request" | "no_reference" | "refused_amount" | "not_written" | "no_reply" | "cut" | "unreadable" | "device_error" | "not_answering" | "timed_out" | "device_unsure" | "result_lost" | "cannot_ask" | "wrong_amount" | "process_lost" | "driver_stopped" | "declined_by_bank" | "cancelled_on_device" | "by_hand";

/**
 * When the device is asked again by itself. `next_in_ms` counts from the moment this view was made; none: no
 * question is planned, a person decides.
 */
export type Asking = { count: number, lastAt: string | null, nextInMs: number | null, };

export type Attempt = { id: string, 
/**
 * Ticket and place among the sale's attempts: what a person reads to support.
 */
number: string, tender: TenderCode, tenderName: string, 
/**
 * Money goes back to the customer.
 */
refund: boolean, amount: AmountText, state: AttemptState, reason: Reason | null, 
/**
 * The device's own words, shown as they came.
 */
deviceMessage: string | null, 
/**
 * The amount the device answered, where it differs from the amount asked.
 */
answered: AmountText | null, address: string | null, stages: Array<Stage>, 
/**
 * Milliseconds from the start of the attempt to the moment this view was made.
 */
elapsedMs: number, 
/**
 * The same for the stage under way.
 */
stageElapsedMs: number, 
/**
 * Time of day of the last change.
 */
changedAt: string, asking: Asking | null, 
/**
 * The cashier asked to stop waiting; the device still works.
 */
stopAsked: boolean, 
/**
 * The till was switched off while the payment was under way, and the device has not been heard of it since.
 */
afterRestart: boolean, 
/**
 * What a person may decide by evidence; empty where there is nothing to decide.
 */
decisions: Array<Decision>, 
/**
 * The device holds money that is not on the sale: it came late, or was more than asked.
 */
late: boolean, 
/**
 * It came when the sale had been paid otherwise: one of the two goes back.
 */
paidTwice: boolean, 
/**
 * It was decided that it is paid, and the device says otherwise.
 */
contradicted: boolean, };

export type ReceiptSpan = { text: string, bold: boolean, };

export type ReceiptLine = { spans: Array<ReceiptSpan>, };

/**
 * A QR code as a drawing: `path` fills the dark squares of `size` by `size`, with the quiet zone left to the screen.
 */
export type ReceiptQr = { size: number, path: string, };

export type Done = { ticket: string, receiptNumber: string, 
/**
 * Time of day.
 */
closedAt: string, 
/**
 * The total as it was paid: rounded as its tenders are.
 */
total: AmountText, 
/**
 * Cash handed over; none where no cash was taken.
 */
received: AmountText | null, 
/**
 * None where there is none to give.
 */
change: AmountText | null, tenders: Array<TenderRow>, receipt: Array<ReceiptLine>, };

export type RoleCode = "cashier" | "senior" | "supervisor" | "owner";

/**
 * What a person may or may not do.
 */
export type RightCode = "sell" | "discount" | "price_change" | "refund" | "void" | "drawer" | "cash_move" | "doubt" | "settings" | "people";

/**
 * Who may sign in, as a tile shows it: nothing else of a person leaves before the sign-in.
 */
export type PersonTile = { id: string, name: string, role: RoleCode, };

/**
 * How far a right goes without anyone else.
 */
export type Reach = "no" | "up_to" | "free";

/**
 * One right of a person or a role. Where `reach` is `no` and it cannot be lifted, the screen does not show it.
 */
export type Grant = { right: RightCode, reach: Reach, 
/**
 * With `up_to`: `10 %`, `5 000 ₸`.
 */
limit: string | null, 
/**
 * Beyond its reach another person's PIN or badge can allow one action.
 */
liftable: boolean, };

/**
 * Who is signed in. `person` is null in a training shop without people, where everything is allowed.
 */
export type Session = { person: PersonTile | null, 
/**
 * Every right, in one order.
 */
rights: Array<Grant>, };

/**
 * What a person beyond whose right a command lies may have allowed by another: the words for the one prompt.
 */
export type Approval = { 
/**
 * For `lift_give`; good for a minute, for the same command with the same arguments on the same sale.
 */
refusalId: string, right: RightCode, 
/**
 * How far the person signed in may go alone; null: not at all.
 */
limit: string | null, 
/**
 * What was asked for, where it can be measured: `25 %`.
 */
asked: string | null, 
/**
 * Those who may allow it.
 */
people: Array<PersonTile>, };

/**
 * What is left after a wrong PIN or an unknown badge.
 */
export type PinWait = { 
/**
 * Tries until there is a wait.
 */
triesLeft: number, 
/**
 * Until the next try is looked at; 0: at once.
 */
waitMs: number, 
/**
 * How long the next wrong try would make the wait, in whole minutes; 0: no wait yet.
 */
nextWaitMinutes: number, };

/**
 * By what another person allows an action.
 */
export type Proof = { "kind": "pin", personId: string, pin: string, } | { "kind": "badge", badge: string, };

/**
 * A person on the page of people.
 */
export type PersonRow = { id: string, name: string, role: RoleCode, hasBadge: boolean, 
/**
 * It is who asks.
 */
own: boolean, 
/**
 * The last owner stays and stays owner.
 */
lastOwner: boolean, 
/**
 * After wrong PINs: until the next try is looked at.
 */
waitMs: number, };

/**
 * A role with what it may do.
 */
export type RoleRow = { role: RoleCode, leastPinDigits: number, rights: Array<Grant>, };

export type PeoplePage = { people: Array<PersonRow>, roles: Array<RoleRow>, 
/**
 * Without a command for so long the till locks itself.
 */
lockMinutes: number, };

/**
 * What the left zone shows.
 */
export type Screen = { "kind": "first_owner" } | { "kind": "sign_in", people: Array<PersonTile>, last: string | null, } | { "kind": "sale" } | { "kind": "paying", attempt: Attempt, } | { "kind": "doubt", attempt: Attempt, } | { "kind": "refused", attempt: Attempt, } | { "kind": "done", done: Done, };

export type ImportCounts = { added: string, updated: string, unchanged: string, };

export type MistakeCode = "no_code" | "no_name" | "no_price" | "not_price" | "not_percent" | "not_understood" | "check_digit" | "digits_lost" | "twice" | "same_good" | "others_barcode";

/**
 * A wrong cell: its row as a spreadsheet numbers it, its column, what stands there and what it collides with.
 */
export type ImportMistake = { row: string, column: string, code: MistakeCode, text: string, other: string, };

export type ImportRow = { code: string, name: string, price: AmountText, unit: string, vat: string, };

export type ImportPreview = { counts: ImportCounts, 
/**
 * New and changed goods.
 */
changes: string, mistakeCount: string, 
/**
 * The file had so many mistakes that it was read no further.
 */
cutShort: boolean, 
/**
 * The first of them.
 */
mistakes: Array<ImportMistake>, 
/**
 * The first rows as they were understood.
 */
first: Array<ImportRow>, };

export type ImportFault = "not_text" | "empty" | "no_column" | "not_a_table" | "too_large" | "storage";

/**
 * How far the import is. Rows are counts of things, for a progress bar; their texts are ready to show.
 */
export type Import = { "phase": "reading", rows: string, } | { "phase": "ready", preview: ImportPreview, } | { "phase": "taking", rows: string, total: string, percent: number, } | { "phase": "done", counts: ImportCounts, } | { "phase": "undone" } | { "phase": "stopped" } | { "phase": "failed", fault: ImportFault, detail: string, };

/**
 * A payment without a final answer.
 */
export type OpenPayment = { attemptId: string, tenderName: string, amount: AmountText, 
/**
 * Time of day it began.
 */
time: string, 
/**
 * From its beginning to the moment this view was made, by the wall clock.
 */
ageMs: number, };

/**
 * Everything the checkout window shows, whole, each time something changes. Of two views the one with the
 * larger revision is newer.
 */
export type View = { revision: number, locale: string, payReady: boolean, header: Header, 
/**
 * Null while nobody is signed in: then the cart, the tasks and the sales put aside are told as empty.
 */
session: Session | null, tasks: Array<Task>, 
/**
 * What is told before the window closes: all payments without a final answer, and how many they are. While nobody is
 * signed in only their number is told.
 */
openPayments: Array<OpenPayment>, openCount: number, 
/**
 * The disk has not taken what a device said. It is kept and written again.
 */
unwritten: boolean, 
/**
 * The ledger is damaged: no money is taken.
 */
damaged: boolean, 
/**
 * Sales put aside, oldest first.
 */
held: Array<HeldSale>, cart: Cart, screen: Screen, 
/**
 * Goods coming in from a file.
 */
import: Import | null, 
/**
 * Changes when other goods are in use than before.
 */
catalogue: number, };

/**
 * A view on its way to the screen. A cart may have a thousand lines, and a scan changes one: `view.cart.lines` holds
 * only the lines that stand between the first and the last ones the screen has already.
 */
export type Told = { view: View, serial: number, 
/**
 * The telling whose lines these are a change of; none: all lines are here.
 */
base: number | null, firstKept: number, lastKept: number, };

/**
 * A sale put aside, as a list shows it.
 */
export type HeldSale = { id: string, ticket: string, 
/**
 * Time of day it was put aside.
 */
time: string, 
/**
 * The names of its first goods, and how many lines there are besides.
 */
names: string, more: number, total: AmountText, };

/**
 * What a cashier types about a price; null takes it away again. A discount is `10%` or an amount.
 */
export type PriceChange = { "kind": "line", lineId: number, price: string | null, } | { "kind": "line_discount", lineId: number, discount: string | null, } | { "kind": "cart_discount", discount: string | null, };

/**
 * What a line, or the whole cart, costs before and after a change.
 */
export type PricePreview = { before: AmountText, after: AmountText, };

export type QuickKey = { itemId: number, name: string, lang: string, price: AmountText, };

/**
 * A page of quick keys: the favourites, which have no name here, or a group of goods.
 */
export type QuickPage = { name: string | null, keys: Array<QuickKey>, };

export type SearchHit = { itemId: number, name: string, lang: string, code: string, price: AmountText, unit: string, };

/**
 * What a typed amount would do as cash received.
 */
export type CashPreview = { received: AmountText, change: AmountText | null, short: AmountText | null, };

export type FailureCode = "unknown_code" | "check_digit" | "customer_card" | "unknown_label" | "empty_label" | "marking_incomplete" | "marking_needed" | "marking_in_cart" | "marking_sold" | "marking_one_by_one" | "bad_quantity" | "bad_amount" | "bad_discount" | "cart_locked" | "cart_empty" | "sale_in_doubt" | "device_busy" | "device_missing" | "nothing_due" | "not_found" | "import_under_way" | "file_unreadable" | "evidence_missing" | "more_than_due" | "decided_already" | "another_instance" | "no_shop" | "sign_in_needed" | "not_allowed" | "needs_approval" | "approval_gone" | "wrong_pin" | "unknown_badge" | "not_a_badge" | "bad_pin" | "bad_name" | "bad_badge" | "reason_missing" | "last_owner" | "key_lost" | "storage" | "damaged" | "internal";

/**
 * Why a command did not happen. `message` is the detail for support; the words on the screen follow from `code`.
 */
export type Failure = { code: FailureCode, message: string, approval?: Approval, pin?: PinWait, };

export type Decision = "approved" | "declined" | "returned";

export type KaspiSettings = { 
/**
 * `host:port`.
 */
address: string, security: KaspiSecurity, 
/**
 * The name its certificate must be for; for `strict`.
 */
tlsName: string, 
/**
 * What the terminal lists this till as.
 */
name: string, 
/**
 * The till prints the bank slip.
 */
ownReceipt: boolean, };

/**
 * The settings a person changes, as typed.
 */
export type Settings = { name: string, bin: string, address: string, city: string, country: string, currency: string, 
/**
 * Major units; empty for the currency's own step.
 */
lineStep: string, receiptLanguages: Array<string>, vatIncluded: boolean, 
/**
 * Percent; empty for goods without VAT.
 */
defaultVat: string, till: string, kaspi: KaspiSettings | null, };

/**
 * The settings with what there is to choose from.
 */
export type SettingsPage = { settings: Settings, currencies: Array<string>, languages: Array<string>, };

/**
 * Why a setting was not taken.
 */
export type SettingsFault = "wrong" | "held";

/**
 * What became of a change. A refused one changes nothing; `path` is the setting's place in shop.json.
 */
export type Saving = { "kind": "saved", page: SettingsPage, } | { "kind": "refused", path: string, fault: SettingsFault, };

/**
 * The goods in use.
 */
export type Goods = { count: string, 
/**
 * The last import can be taken back.
 */
undoable: boolean, };

export type About = { version: string, shop: string, till: string, goods: string, 
/**
 * Where the till keeps its files.
 */
folder: string, licence: string, };

/**
 * How the till and the terminal make sure of each other.
 */
export type KaspiSecurity = "open" | "strict" | "pinned" | "insecure";

export type KaspiUnit = { serial: string, terminal: string, };

/**
 * How the terminal stands with this till.
 */
export type KaspiPermission = "not_needed" | "none" | "let_in" | "forgotten";

/**
 * What stands in the way. Each is a title and a text of the screen.
 */
export type KaspiTrouble = "not_reached" | "no_answer" | "no_terminal" | "no_tls" | "certificate_time" | "certificate_name" | "certificate_unknown" | "certificate_other" | "other_key" | "key_to_compare" | "not_let_in" | "other_unit" | "open_mode" | "question_open" | "name_taken" | "refused" | "nobody_pressed" | "not_kept" | "not_renewed" | "registering" | "given_up" | "payment_open" | "no_network" | "not_found" | "passphrase_missing" | "wrong_passphrase" | "secret_unusable";

/**
 * How far a trial has come.
 */
export type KaspiTrialStep = "not_paid" | "payment_open" | "paid" | "refund_open" | "returned";

/**
 * The last payment of the smallest sum, made to see it come and go.
 */
export type KaspiTrial = { step: KaspiTrialStep, 
/**
 * The numbers of the two receipts.
 */
receipt: string | null, refund: string | null, 
/**
 * The terminal's own words for what it did not do.
 */
said: string, };

/**
 * How the till stands with its terminal, as asked just now.
 */
export type KaspiState = { 
/**
 * A payment would be begun.
 */
ready: boolean, 
/**
 * Something answers at the address that speaks as a terminal does.
 */
answers: boolean, permission: KaspiPermission, 
/**
 * The end of the tokens as the terminal writes it.
 */
ends: string | null, 
/**
 * The unit that payments are bound to.
 */
unit: KaspiUnit | null, 
/**
 * The one that answers.
 */
answering: KaspiUnit | null, trouble: KaspiTrouble | null, message: string, latencyMs: string, trial: KaspiTrial | null, };

/**
 * What became of an act; a refused one changed nothing.
 */
export type KaspiAnswer = { "kind": "state", state: KaspiState, } | { "kind": "refused", trouble: KaspiTrouble, 
/**
 * The terminal's own words, or the machine's.
 */
message: string, 
/**
 * The key to be compared.
 */
key: string | null, };

/**
 * A terminal that was found.
 */
export type KaspiFound = { address: string, protected: boolean, unit: KaspiUnit | null, };

export type KaspiSearch = { "kind": "found", terminals: Array<KaspiFound>, } | { "kind": "refused", trouble: KaspiTrouble, };

/**
 * What a fact is about.
 */
export type JournalTopic = "sales" | "payments" | "corrections" | "people" | "shop";

/**
 * What happened.
 */
export type FactCode = "payment_intended" | "payment_accepted" | "payment_not_started" | "payment_doubt" | "payment_approved" | "payment_declined" | "payment_cancelled" | "payment_resolved" | "wrong_amount" | "return_one_of_them" | "decision_contradicted" | "sale_closed" | "sale_voided" | "refund_opened" | "refund_intended" | "refund_accepted" | "refund_not_started" | "refund_doubt" | "refund_approved" | "refund_declined" | "refund_cancelled" | "refund_in_cash" | "refund_closed" | "refund_voided" | "line_removed" | "line_restored" | "cash_taken" | "cash_returned" | "lift_given" | "lifted" | "signed_in" | "signed_out" | "wrong_tries" | "pin_key_replaced" | "person_added" | "person_changed" | "person_removed" | "pin_changed" | "badge_changed" | "setting_changed" | "goods_imported" | "goods_import_undone" | "terminal_tested" | "terminal_tried" | "terminal_forgotten" | "other";

export type Actor = { "kind": "person", name: string, } | { "kind": "terminal" } | { "kind": "till" };

/**
 * What a value in a fact is.
 */
export type FactName = "receipt" | "ticket" | "amount" | "discount" | "returned" | "answered" | "by" | "reason" | "reference" | "evidence" | "message" | "off" | "good" | "quantity" | "name" | "name_before" | "tries" | "setting" | "added" | "updated" | "serial" | "refund" | "kind";

export type SignedBy = "pin" | "badge" | "first";

export type LeftWhy = "locked" | "idle" | "switched" | "closed";

/**
 * One thing that a fact says.
 */
export type FactPart = { "kind": "text", name: FactName, value: string, } | { "kind": "role", role: RoleCode, } | { "kind": "role_before", role: RoleCode, } | { "kind": "right", right: RightCode, } | { "kind": "decision", decision: Decision, } | { "kind": "signed_by", by: SignedBy, } | { "kind": "left_why", why: LeftWhy, } | { "kind": "badge", given: boolean, };

export type JournalRow = { seq: number, 
/**
 * `23.11.2026`
 */
day: string, 
/**
 * Time of day.
 */
time: string, code: FactCode, actor: Actor, parts: Array<FactPart>, };

export type JournalDay = { 
/**
 * What `journal_show` takes.
 */
value: string, shown: string, };

export type JournalPerson = { id: string, name: string, removed: boolean, };

export type JournalPage = { 
/**
 * Newest first.
 */
rows: Array<JournalRow>, 
/**
 * There are older ones: what `journal_show` takes as `before`.
 */
older: number | null, days: Array<JournalDay>, people: Array<JournalPerson>, };

/**
 * What a walk over the chain of hashes found.
 */
export type JournalState = { 
/**
 * So many facts fit the chain.
 */
whole: string, 
/**
 * When the last of them was written; none where there is none.
 */
until: string | null, 
/**
 * The number of the first fact that does not fit.
 */
brokenAt: string | null, };
