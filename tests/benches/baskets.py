"""Turns the fetched supermarket data into the CSV the bench reads: basket, product, amount; baskets together."""

import sys
import pyarrow.compute as compute
import pyarrow.csv as csv
import pyarrow.parquet as parquet

table = parquet.read_table(sys.argv[1], columns=["basket_id", "product_id", "sales_value"])
table = table.sort_by([("basket_id", "ascending"), ("product_id", "ascending")])
cents = compute.cast(compute.round(compute.multiply(table["sales_value"], 100)), "int64")
whole, rest = compute.divide(cents, 100), compute.subtract(cents, compute.multiply(compute.divide(cents, 100), 100))
text = compute.binary_join_element_wise(compute.cast(whole, "string"), compute.utf8_lpad(compute.cast(rest, "string"), 2, padding="0"), ".")
table = table.set_column(2, "amount", text)
csv.write_csv(table, sys.argv[2])
