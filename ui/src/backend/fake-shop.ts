/** The make-believe till's settings, goods file and window. An import waits at each step until `import` is set by hand. */
import type { About, Goods, Import, KaspiAnswer, KaspiSearch, ReceiptQr, Saving, Settings, SettingsPage, View } from './contract';
import { FakePeople } from './fake-people';
import { FakeTerminal } from './fake-terminal';

export abstract class FakeShop extends FakePeople {
  settings: Settings = {
    name: '«Көктем» дүкені',
    bin: '120340005678',
    address: 'Абай к-сі 45',
    city: 'Алматы қ.',
    country: 'KZ',
    currency: 'KZT',
    lineStep: '',
    receiptLanguages: ['kk', 'ru'],
    vatIncluded: true,
    defaultVat: '16',
    till: '2',
    kaspi: { address: '192.168.1.40:8080', security: 'strict', tlsName: 'pos.kaspipos.kz', name: 'Kassa-2', ownReceipt: true },
  };
  readonly terminal = new FakeTerminal();
  import: Import | null = null;
  catalogue = 0;
  private closers = new Set<() => void>();

  async windowClose(): Promise<void> {
    this.did('window_close');
  }

  /** The window's own key to close it. */
  askToClose(): void {
    for (const closer of this.closers) closer();
  }

  async onCloseAsked(callback: () => void): Promise<() => void> {
    this.closers.add(callback);
    return () => this.closers.delete(callback);
  }

  async settingsShow(): Promise<SettingsPage> {
    return { settings: structuredClone(this.settings), currencies: ['KZT', 'AZN', 'EUR', 'HUF', 'RUB'], languages: ['kk', 'ru', 'en'] };
  }

  async settingsSave(settings: Settings): Promise<Saving> {
    this.did('settings_save', settings);
    if (settings.name.trim() === '') return { kind: 'refused', path: 'shop.name', fault: 'wrong' };
    if (settings.currency !== this.settings.currency) return { kind: 'refused', path: 'shop.currency', fault: 'held' };
    this.settings = structuredClone(settings);
    return { kind: 'saved', page: await this.settingsShow() };
  }

  kaspiShow = (): Promise<KaspiAnswer> => this.terminal.show();
  kaspiTest = (): Promise<KaspiAnswer> => this.terminal.show();
  kaspiTry = (commandId: string): Promise<KaspiAnswer> => (this.did('kaspi_try', commandId), this.terminal.try());
  kaspiRenew = (): Promise<KaspiAnswer> => this.terminal.show();
  kaspiForget = (): Promise<KaspiAnswer> => this.terminal.forget();
  kaspiUnlock = (passphrase: string): Promise<KaspiAnswer> => this.terminal.unlock(passphrase);
  kaspiGiveUp = (): Promise<void> => this.terminal.giveUp();
  kaspiSearch = (): Promise<KaspiSearch> => this.terminal.search();

  kaspiRegister(compared: string | null): Promise<KaspiAnswer> {
    this.did('kaspi_register', compared);
    return this.terminal.register(this.settings.kaspi?.security ?? 'open', compared);
  }

  async aboutShow(): Promise<About> {
    return { version: '0.1.0', shop: this.settings.name, till: this.settings.till, goods: '78', folder: '/kassa', licence: 'MIT OR Apache-2.0' };
  }

  async goodsShow(): Promise<Goods> {
    return { count: '78', undoable: this.catalogue > 0 };
  }

  async importRead(bytes: Uint8Array): Promise<View> {
    this.did('import_read', bytes.length);
    this.import = { phase: 'reading', rows: '0' };
    return this.changed();
  }

  async importTake(): Promise<View> {
    this.did('import_take');
    this.import = { phase: 'taking', rows: '0', total: '78', percent: 0 };
    return this.changed();
  }

  async importStop(): Promise<View> {
    this.did('import_stop');
    this.import = { phase: 'stopped' };
    return this.changed();
  }

  async importLeave(): Promise<View> {
    this.did('import_leave');
    this.import = null;
    return this.changed();
  }

  async importUndo(): Promise<View> {
    this.did('import_undo');
    this.import = { phase: 'undone' };
    this.catalogue += 1;
    return this.changed();
  }

  /** A square that stands for a code. */
  async receiptQr(receiptNumber: string): Promise<ReceiptQr | null> {
    this.did('receipt_qr', receiptNumber);
    return { size: 21, path: 'M0 0h7v7h-7zM14 0h7v7h-7zM0 14h7v7h-7z' };
  }

  async receiptSavePdf(receiptNumber: string): Promise<string> {
    this.did('receipt_save_pdf', receiptNumber);
    return `Receipts/receipt-${receiptNumber}.pdf`;
  }
}
