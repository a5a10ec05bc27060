//! The demo shop: what the training mode opens.
//!
//! Settings and goods are files in `demo/`, in the shapes a real shop uses, so
//! they can be given to `kassactl init` and `kassactl import` as they are.

use std::net::SocketAddr;

use crate::kaspi::{Options, ShopFace};

/// The demo shop's settings, JSON. The terminal's port is 0: a simulator takes
/// a free one, and [`shop_at`] fills it in.
pub const SHOP: &str = include_str!("../demo/shop.json");

/// The demo shop's goods, CSV in UTF-8: prices in whole tenge with VAT, stock
/// in the unit of the row. Goods sold by weight have no barcode; their code is
/// the five-digit number on the scale's label.
pub const GOODS: &str = include_str!("../demo/goods.csv");

const NO_PORT_YET: &str = "127.0.0.1:0";

/// The demo shop's settings with its terminal at this address.
pub fn shop_at(kaspi: SocketAddr) -> String {
    SHOP.replace(NO_PORT_YET, &kaspi.to_string())
}

/// The demo shop's terminal: a free loopback port, real time, a customer who
/// pays by QR.
pub fn kaspi_options() -> Options {
    Options {
        shop: ShopFace {
            store_name: "«Көктем» дүкені".to_owned(),
            city: "Алматы қ.".to_owned(),
            address: "Абай к-сі 45".to_owned(),
            bin: "120340005678".to_owned(),
        },
        ..Options::default()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    type Row = std::collections::BTreeMap<String, String>;

    fn goods() -> Vec<Row> {
        let mut reader = csv::Reader::from_reader(GOODS.as_bytes());
        reader.deserialize().map(|row| row.unwrap()).collect()
    }

    fn check_digit_fits(barcode: &str) -> bool {
        let weighted = |(position, digit): (usize, char)| digit.to_digit(10).unwrap() * if position % 2 == 0 { 1 } else { 3 };
        barcode.len() == 13 && barcode.chars().enumerate().map(weighted).sum::<u32>() % 10 == 0
    }

    #[test]
    fn the_header_is_the_agreed_one() {
        assert_eq!(GOODS.lines().next(), Some("code,barcode,name,name_kk,name_ru,short_name,unit,price,vat,group,stock,marked,quick_key"));
    }

    #[test]
    fn every_good_can_be_sold_and_found() {
        let goods = goods();
        assert!(goods.len() >= 60);
        for row in &goods {
            for column in ["code", "name", "name_kk", "name_ru", "group", "stock"] {
                assert!(!row[column].is_empty(), "{column} is missing: {row:?}");
            }
            assert!(row["price"].parse::<u32>().unwrap() > 0, "{row:?}");
            match row["unit"].as_str() {
                "kg" => assert!(row["barcode"].is_empty() && row["code"].len() == 5, "{row:?}"),
                unit => assert!(unit == "pcs" && check_digit_fits(&row["barcode"]), "{row:?}"),
            }
        }
        let of = |column: &str| -> BTreeSet<String> { goods.iter().map(|row| row[column].clone()).collect() };
        assert_eq!(of("code").len(), goods.len(), "codes are unique");
        assert_eq!(of("name").len(), goods.len(), "names are unique");
        assert_eq!(of("group").len(), 6);
    }

    #[test]
    fn the_quick_keys_are_one_to_thirty_six() {
        let rows = goods();
        let keys: Vec<u32> = rows
            .iter()
            .filter(|row| !row["quick_key"].is_empty())
            .inspect(|row| assert!(!row["short_name"].is_empty(), "{row:?}"))
            .map(|row| row["quick_key"].parse().unwrap())
            .collect();
        assert_eq!(keys, (1..=36).collect::<Vec<_>>());
    }

    #[test]
    fn the_settings_take_the_terminals_address() {
        let address: SocketAddr = "127.0.0.1:4321".parse().unwrap();
        let shop: serde_json::Value = serde_json::from_str(&shop_at(address)).unwrap();
        assert_eq!(shop["devices"]["kaspi"]["address"], "127.0.0.1:4321");
        assert_eq!(shop["shop"]["name"], kaspi_options().shop.store_name);
        assert_eq!(shop["shop"]["bin"], kaspi_options().shop.bin);
    }
}
