//! Goods through the real `kassactl`: imported, found, taken back; killed in the middle, and on a full disk.

use acceptance::ctl;
use serde_json::Value;
use simulators::demo;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use till::{Opening, Till};

struct Shop {
    folder: tempfile::TempDir,
    files: tempfile::TempDir,
}

impl Shop {
    fn with_demo_goods() -> Shop {
        let shop = Shop { folder: tempfile::tempdir().unwrap(), files: tempfile::tempdir().unwrap() };
        let mut settings: Value = serde_json::from_str(demo::SHOP).unwrap();
        settings["devices"] = serde_json::json!({});
        ctl::set_up(shop.data(), &settings.to_string());
        shop
    }

    fn data(&self) -> &Path {
        self.folder.path()
    }

    fn file(&self, name: &str, bytes: &[u8]) -> String {
        let path: PathBuf = self.files.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn found(&self, text: &str) -> Vec<Value> {
        let (code, answer) = ctl::run(self.data(), &["search", text]);
        assert_eq!(code, 0, "{answer}");
        answer["items"].as_array().unwrap().clone()
    }

    /// What lies in the till's folder, but for SQLite's own index of a log.
    fn files_with_sizes(&self) -> BTreeMap<String, u64> {
        let entries = std::fs::read_dir(self.data()).unwrap().map(Result::unwrap);
        let sizes = entries.map(|entry| (entry.file_name().into_string().unwrap(), entry.metadata().unwrap().len()));
        sizes.filter(|(name, _)| !name.ends_with("-shm")).collect()
    }

    /// The demo goods, all of them and nothing else.
    fn is_as_before(&self) {
        assert_eq!(self.found("1001")[0]["price_minor"], 28_500);
        assert_eq!(self.found("жаңатауар").len(), 0);
        let (code, sold) = ctl::run(self.data(), &["sell", "--item", "1001", "--pay", "cash"]);
        assert_eq!(code, 0, "{sold}");
        assert_eq!(sold["sale"]["total_minor"], 28_500);
    }
}

/// Big enough that its import is still going on when the first batches have been told.
fn a_long_file() -> Vec<u8> {
    let mut file = String::from("code,name,price\n1001,Жаңатауар бірінші,1\n");
    for number in 0..60_000 {
        file.push_str(&format!("N{number},Жаңатауар {number},{}\n", 100 + number % 900));
    }
    file.into_bytes()
}

#[test]
fn goods_are_previewed_taken_found_and_taken_back() {
    let shop = Shop::with_demo_goods();
    let file = shop.file("new.csv", "Код;Название;Цена;Штрихкод\n1001;Нан жаңа;300,50;4870003100016\nX9;Жаңатауар;1 200;\n".as_bytes());
    let counts = |answer: &Value| ["added", "updated", "unchanged"].map(|name| answer["import"][name].as_i64().unwrap());
    let (code, preview) = ctl::run(shop.data(), &["import", &file, "--dry-run"]);
    assert_eq!((code, counts(&preview)), (0, [1, 1, 0]));
    assert_eq!(preview["import"]["first"][1]["price_minor"], 120_000);
    shop.is_as_before();
    let (code, done) = ctl::run(shop.data(), &["import", &file]);
    assert_eq!((code, counts(&done)), (0, [1, 1, 0]));
    let found = shop.found("жанат");
    assert_eq!(
        (found[0]["code"].as_str(), found[0]["price_minor"].as_i64(), found[0]["unit"].as_str()),
        (Some("X9"), Some(120_000), Some("pcs"))
    );
    assert_eq!(shop.found("=300,50")[0]["barcodes"][0], "4870003100016");
    let (code, again) = ctl::run(shop.data(), &["import", &file, "--dry-run"]);
    assert_eq!((code, counts(&again)), (0, [0, 0, 2]));
    let (code, _) = ctl::run(shop.data(), &["import", "--undo"]);
    assert_eq!(code, 0);
    shop.is_as_before();
}

#[test]
fn a_dry_run_works_beside_an_open_till_and_writes_nothing() {
    let shop = Shop::with_demo_goods();
    let file = shop.file("new.csv", "code,name,price\n1001,Нан жаңа,300\nX9,Жаңатауар,1200\n".as_bytes());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let till = runtime.block_on(Till::open(Opening::at(shop.data()))).unwrap();
    let (code, refused) = ctl::run(shop.data(), &["import", &file]);
    assert_eq!((code, refused["error"]["code"].as_str()), (13, Some("another_instance")));
    let before = shop.files_with_sizes();
    let (code, tried) = ctl::run(shop.data(), &["import", &file, "--dry-run"]);
    assert_eq!((code, &tried["import"]["added"], &tried["import"]["updated"]), (0, &1.into(), &1.into()), "{tried}");
    let wrong = shop.file("wrong.csv", b"code,name,price\nX9,A,abc\n");
    assert_eq!(ctl::run(shop.data(), &["import", &wrong, "--dry-run"]).0, 3);
    assert_eq!(shop.files_with_sizes(), before);
    runtime.block_on(async {
        assert_eq!(till.search("жаңатауар").await.unwrap(), []);
        till.import(&std::fs::read(&file).unwrap(), false).await.unwrap();
        assert_eq!(till.search("жаңатауар").await.unwrap().len(), 1);
        till.close().await;
    });
}

#[test]
fn mistakes_are_told_by_row() {
    let shop = Shop::with_demo_goods();
    let file = shop
        .file("wrong.csv", "code,barcode,name,price\nX1,4.87E+12,A,1\nX2,4870003100017,B,1\nX3,4870003100016,C,1\nX4,,D,abc\n".as_bytes());
    let (code, refused) = ctl::run(shop.data(), &["import", &file]);
    let rows = refused["error"]["details"]["rows"].as_array().unwrap();
    let mut told: Vec<i64> = rows.iter().map(|row| row["row"].as_i64().unwrap()).collect();
    told.sort_unstable();
    assert_eq!((code, told), (3, vec![2, 3, 4, 5]), "{refused}");
    shop.is_as_before();
}

#[test]
fn a_killed_import_leaves_the_old_catalogue_whole() {
    let shop = Shop::with_demo_goods();
    let file = shop.file("long.csv", &a_long_file());
    for batches in [1, 5, 20] {
        let mut import = ctl::command(shop.data(), &["import", &file]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let told = BufReader::new(import.stderr.take().unwrap()).lines().take(batches).count();
        assert_eq!(told, batches, "the import was still going on");
        import.kill().unwrap();
        import.wait().unwrap();
        shop.is_as_before();
    }
    let left =
        std::fs::read_dir(shop.data()).unwrap().filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().ends_with(".part"));
    assert_eq!(left.count(), 0, "nothing unfinished lies about");
}

#[test]
fn a_full_disk_is_told_and_leaves_the_old_catalogue_whole() {
    let shop = Shop::with_demo_goods();
    let file = shop.file("long.csv", &a_long_file());
    let import = ctl::command(shop.data(), &["import", &file]);
    // No file may grow past a megabyte; the signal that comes with it is ignored, as a full disk sends none.
    let output = Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 2048; exec \"$@\"", "sh"])
        .arg(import.get_program())
        .args(import.get_args())
        .output()
        .unwrap();
    let (code, failed) = ctl::answer(&output);
    assert_eq!((code, failed["error"]["code"].as_str()), (1, Some("import")), "{failed}");
    let message = failed["error"]["message"].as_str().unwrap();
    assert!(message.contains("the old one stays in use"), "{message}");
    shop.is_as_before();
}
