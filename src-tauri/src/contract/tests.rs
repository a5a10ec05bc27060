use super::settings::{ImportCounts, ImportFault, ImportMistake, ImportPreview, ImportRow, MistakeCode, SettingsFault};
use super::*;
use ts_rs::Config;

const HEAD: &str = "// Generated from src-tauri/src/contract.rs; `make contract` writes it again. Do not edit.\n";

/// The TypeScript twin of everything above.
fn typescript() -> String {
    let config = Config::new().with_large_int("number");
    let mut text = HEAD.to_owned();
    macro_rules! declare {
        ($($type:ty),* $(,)?) => {$(
            text.push('\n');
            if let Some(docs) = <$type as TS>::docs() {
                text.push_str(docs.trim_end());
                text.push('\n');
            }
            text.push_str(&format!("export {}\n", <$type as TS>::decl(&config)));
        )*};
    }
    declare!(
        AmountText,
        DeviceCode,
        TenderCode,
        LightState,
        LightReason,
        Light,
        Header,
        TaskCode,
        Task,
        PriceReasonCode,
        GivenDiscount,
        CartLine,
        TaxRow,
        TenderRow,
        Note,
        PayBlock,
        PayKey,
        Cart,
        StageCode,
        StageState,
        Stage,
        AttemptState,
        Reason,
        Asking,
        Attempt,
        ReceiptSpan,
        ReceiptLine,
        ReceiptQr,
        Done,
        RoleCode,
        RightCode,
        PersonTile,
        Reach,
        Grant,
        Session,
        Approval,
        PinWait,
        Proof,
        PersonRow,
        RoleRow,
        PeoplePage,
        Screen,
        ImportCounts,
        MistakeCode,
        ImportMistake,
        ImportRow,
        ImportPreview,
        ImportFault,
        Import,
        OpenPayment,
        View,
        Told,
        HeldSale,
        PriceChange,
        PricePreview,
        QuickKey,
        QuickPage,
        SearchHit,
        CashPreview,
        FailureCode,
        Failure,
        Decision,
        kaspi::KaspiSettings,
        Settings,
        SettingsPage,
        SettingsFault,
        Saving,
        Goods,
        About,
        kaspi::KaspiSecurity,
        kaspi::KaspiUnit,
        kaspi::KaspiPermission,
        kaspi::KaspiTrouble,
        kaspi::KaspiTrialStep,
        kaspi::KaspiTrial,
        kaspi::KaspiState,
        kaspi::KaspiAnswer,
        kaspi::KaspiFound,
        kaspi::KaspiSearch,
        journal::JournalTopic,
        journal::FactCode,
        journal::Actor,
        journal::FactName,
        journal::SignedBy,
        journal::LeftWhy,
        journal::FactPart,
        journal::JournalRow,
        journal::JournalDay,
        journal::JournalPerson,
        JournalPage,
        JournalState,
    );
    text
}

#[test]
fn the_screen_s_contract_is_up_to_date() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../ui/src/backend/contract.ts");
    let generated = typescript();
    if std::env::var_os("KASSA_WRITE_CONTRACT").is_some() {
        std::fs::write(file, &generated).unwrap();
    }
    let committed = std::fs::read_to_string(file).unwrap();
    assert!(committed == generated, "ui/src/backend/contract.ts is stale: run `make contract` and commit it");
}

#[test]
fn every_command_is_registered_listed_and_allowed() {
    let build = include_str!("../../build.rs");
    let shell = include_str!("../lib.rs");
    let capability = include_str!("../../capabilities/sale.json");
    let names: Vec<&str> = build.lines().filter_map(|line| line.trim().strip_prefix('"')?.strip_suffix("\",")).collect();
    assert!(names.len() > 10);
    for name in &names {
        assert!(shell.contains(&format!("::{name},")), "{name} is not registered in lib.rs");
        let permission = format!("\"allow-{}\"", name.replace('_', "-"));
        assert!(capability.contains(&permission), "{name} is not allowed in capabilities/sale.json");
    }
    assert_eq!(capability.matches("\"allow-").count(), names.len(), "a permission is left over");
    assert_eq!(shell.matches("        commands::").count(), names.len(), "a registered command is not in build.rs");
}
