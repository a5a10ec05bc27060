/** The real host. Each method is one command of the till; names and arguments follow the contract. */
import { invoke } from '@tauri-apps/api/core';
import { listen } from '@tauri-apps/api/event';
import type { Backend } from './backend';
import type { About, CashPreview, Goods, JournalPage, JournalState, KaspiAnswer, KaspiSearch, PeoplePage, PricePreview, QuickPage, ReceiptQr, Saving, SearchHit, SettingsPage, Told, View } from './contract';
import { Listener } from './told';

const listener = new Listener(() => invoke<Told>('view_show'));
const view = async (command: string, args: Record<string, unknown> = {}): Promise<View> => listener.hear(await invoke<Told>(command, args));

export function tauriBackend(): Backend {
  return {
    viewShow: () => view('view_show'),
    itemScan: (code) => view('item_scan', { code }),
    itemAdd: (itemId) => view('item_add', { itemId }),
    itemSellByPrice: (price, code) => view('item_sell_by_price', { price, code }),
    lineSetQuantity: (lineId, quantity) => view('line_set_quantity', { lineId, quantity }),
    lineRemove: (lineId) => view('line_remove', { lineId }),
    lineRestore: () => view('line_restore'),
    priceChange: (change, reason) => view('price_change', { change, reason }),
    pricePreview: (change) => invoke<PricePreview>('price_preview', { change }),
    saleHold: () => view('sale_hold'),
    saleRecall: (saleId) => view('sale_recall', { saleId }),
    saleDiscard: (saleId) => view('sale_discard', { saleId }),
    catalogueSearch: (text) => invoke<SearchHit[]>('catalogue_search', { text }),
    catalogueQuickKeys: () => invoke<QuickPage[]>('catalogue_quick_keys'),
    cashReturn: () => view('cash_return'),
    cashPreview: (received) => invoke<CashPreview>('cash_preview', { received }),
    paymentCash: (commandId, received) => view('payment_cash', { commandId, received }),
    paymentDevice: (commandId, tender, amount) => view('payment_device', { commandId, tender, amount }),
    attemptCheck: (attemptId) => view('attempt_check', { attemptId }),
    attemptStopWaiting: (attemptId) => view('attempt_stop_waiting', { attemptId }),
    attemptPark: (attemptId) => view('attempt_park', { attemptId }),
    attemptOpen: (attemptId) => view('attempt_open', { attemptId }),
    attemptResolve: (resolution) => view('attempt_resolve', { ...resolution }),
    screenDismiss: () => view('screen_dismiss'),
    windowClose: () => invoke('window_close'),
    receiptQr: (receiptNumber) => invoke<ReceiptQr | null>('receipt_qr', { receiptNumber }),
    receiptSavePdf: (receiptNumber) => invoke<string>('receipt_save_pdf', { receiptNumber }),
    localeSet: (locale) => view('locale_set', { locale }),
    settingsShow: () => invoke<SettingsPage>('settings_show'),
    settingsSave: (settings) => invoke<Saving>('settings_save', { settings }),
    aboutShow: () => invoke<About>('about_show'),
    goodsShow: () => invoke<Goods>('goods_show'),
    importRead: async (bytes) => listener.hear(await invoke<Told>('import_read', bytes)),
    importTake: () => view('import_take'),
    importStop: () => view('import_stop'),
    importLeave: () => view('import_leave'),
    importUndo: () => view('import_undo'),
    ownerMake: (name, pin) => view('owner_make', { name, pin }),
    sessionOpen: (personId, pin) => view('session_open', { personId, pin }),
    sessionOpenByBadge: (badge) => view('session_open_by_badge', { badge }),
    sessionLock: () => view('session_lock'),
    liftGive: (refusalId, proof, reason) => invoke('lift_give', { refusalId, proof, reason }),
    journalShow: (personId, topic, day, before) => invoke<JournalPage>('journal_show', { personId, topic, day, before }),
    journalVerify: () => invoke<JournalState>('journal_verify'),
    kaspiShow: () => invoke<KaspiAnswer>('kaspi_show'),
    kaspiTest: () => invoke<KaspiAnswer>('kaspi_test'),
    kaspiRegister: (compared) => invoke<KaspiAnswer>('kaspi_register', { compared }),
    kaspiGiveUp: () => invoke('kaspi_give_up'),
    kaspiRenew: () => invoke<KaspiAnswer>('kaspi_renew'),
    kaspiForget: () => invoke<KaspiAnswer>('kaspi_forget'),
    kaspiUnlock: (passphrase) => invoke<KaspiAnswer>('kaspi_unlock', { passphrase }),
    kaspiSearch: (near) => invoke<KaspiSearch>('kaspi_search', { near }),
    peopleShow: () => invoke<PeoplePage>('people_show'),
    personAdd: (name, role, pin) => invoke<PeoplePage>('person_add', { name, role, pin }),
    personChange: (personId, name, role, pin) => invoke<PeoplePage>('person_change', { personId, name, role, pin }),
    personSetPin: (personId, pin) => invoke<PeoplePage>('person_set_pin', { personId, pin }),
    personSetBadge: (personId, badge) => invoke<PeoplePage>('person_set_badge', { personId, badge }),
    personRemove: (personId) => invoke<PeoplePage>('person_remove', { personId }),
    onCloseAsked: (callback) => listen('close-asked', callback),
    onView: (callback) => listen<Told>('view-changed', (event) => void listener.hear(event.payload).then(callback)),
  };
}
