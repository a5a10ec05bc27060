/** The goods file's columns in words. */
import { t, type Key } from '../../words';

const COLUMNS: Record<string, Key> = {
  code: 'import_column_code',
  barcode: 'import_column_barcode',
  'code or barcode': 'import_column_code_or_barcode',
  name: 'import_column_name',
  price: 'import_column_price',
  unit: 'import_column_unit',
  vat: 'import_column_vat',
  stock: 'import_column_stock',
  marked: 'import_column_marked',
  quick_key: 'import_column_quick_key',
};

export function columnName(column: string): string {
  const key = COLUMNS[column];
  return key === undefined ? column : t(key);
}
