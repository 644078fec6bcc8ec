//! From an export to the report without a line of configuration written by hand: `netto init`, `netto check`, `netto run`.
//!
//! `tests/init/` holds exports as other programs write them: other languages, other dialects, heads and lines in two files.

use std::fs;

use crate::harness::{Project, repository};

/// The export in a project without a netto.toml, which `init` writes.
fn begun(export: &str) -> (Project, String) {
    let project = Project::copy_of(&repository(&format!("tests/init/{export}")));
    let folder = project.folder().to_str().unwrap().to_owned();
    project.netto(&["init", "--project", &folder]).ok();
    let config = fs::read_to_string(project.folder().join("netto.toml")).unwrap();
    (project, config)
}

/// The drafted configuration has these words, each.
fn says(config: &str, lines: &[&str]) {
    for line in lines {
        assert!(config.contains(line), "{line} is not in\n{config}");
    }
}

fn revenue(project: &Project) -> i128 {
    project.netto(&["check"]).ok();
    project.run().ok();
    project.mart("fct_customer_month").sum("invoice_revenue")
}

#[test]
fn a_german_export_with_title_lines_and_the_sign_behind_is_read() {
    let (project, config) = begun("german");
    says(
        &config,
        &[
            "encoding = \"windows-1252\"",
            "skip_lines = 2",
            "decimal = \",\"",
            "date = \"%d.%m.%Y\"",
            "[source.cost_pools]",
        ],
    );
    assert_eq!(revenue(&project), 12_625_000);
}

#[test]
fn a_french_export_without_line_numbers_is_read_and_doubts_are_said() {
    let (project, config) = begun("french");
    assert!(config.contains("line_no = { count_within = \"order_id\" }"), "{config}");
    assert!(config.contains("have a look: 03/04/2025: day or month first?"), "{config}");
    assert_eq!(revenue(&project), 24_720_000);
}

#[test]
fn lines_and_their_heads_in_two_files_are_put_together() {
    let (project, config) = begun("english_heads_and_lines");
    assert!(config.contains("from lines left join heads"), "{config}");
    // 12 × 14.00 + 10 × 9.80 × 0.95 + 9 × 18.60
    assert_eq!(revenue(&project), 4_285_000);
}

#[test]
fn a_workbook_with_a_title_is_read() {
    let (project, config) = begun("dutch_workbook");
    says(&config, &["[source.order_lines.excel]", "sheet = \"Factuurregels\"", "header_row = 3"]);
    assert_eq!(revenue(&project), 28_140_000);
}

#[test]
fn titles_as_wide_as_the_table_and_currency_signs_are_read_and_taxes_and_percentages_are_no_amounts() {
    let (project, config) = begun("dutch_accounting");
    says(
        &config,
        &[
            "skip_lines = 3",
            "currency_sign = \"€\"",
            "net_amount = \"Bedrag (excl. BTW)\"",
            "list_amount = { sql = '\"Aantal\" * \"Prijs\"' }",
            "ignore = [\"Korting (%)\", \"Bedrag incl. BTW\"]",
        ],
    );
    assert_eq!(revenue(&project), 12_774_500);
    // 10 × 12.50 + 4 × 300 − 2 × 12.50 + 99.95
    assert_eq!(project.mart("fct_customer_month").sum("list_revenue"), 13_999_500);
}

#[test]
fn credit_notes_in_a_file_of_their_own_are_below_zero_and_their_keys_are_known_by_the_values() {
    let (project, config) = begun("english_credit_memos");
    says(&config, &["product_id = \"No.\"", "'credit' as order_kind", "-1 * credits.\"Amount\" as \"Amount\""]);
    // 120 + 4,500 + 12 + 24 − 900 − 12 − 4
    assert_eq!(revenue(&project), 37_400_000);
    // 70 + 3,000 + 6 + 14 − 600 − 7 − 2
    assert_eq!(project.mart("fct_customer_month").sum("cogs"), 24_810_000);
}

#[test]
fn customers_and_products_are_known_by_their_ids_where_no_name_says_so() {
    let (project, config) = begun("names_nobody_knows");
    says(&config, &["customer_id = { from = \"Who\", strip_zeros = true }", "product_id = \"What\""]);
    assert_eq!(revenue(&project), 1_185_000);
    assert!(
        config.contains("cost_from_products = true   # have a look"),
        "lines have no cost, products have one: {config}"
    );
    // 2 × 20 + 8 + 3 × 9 + 20
    assert_eq!(project.mart("fct_customer_month").sum("cogs"), 950_000);
}

#[test]
fn codes_filled_up_with_blanks_a_status_of_customers_and_a_ledger_with_year_and_period_are_read() {
    let (project, config) = begun("dutch_padded_codes");
    says(
        &config,
        &[
            "skip_lines = 4",
            "# totals are not order lines",
            "[source.customers]\nfiles = \"Relaties.csv\"",
            "period = { join = [\"Boekjaar\", \"Periode\"] }",
        ],
    );
    assert!(!config.contains("[source.prospects]"), "customers with a status are no prospects: {config}");
    assert_eq!(revenue(&project), 119_446_500);
    // 5 months of 7,000.00, and no pool that takes them
    assert_eq!(project.mart("pool_balance").sum("own_amount"), 350_000_000);
}

#[test]
fn customers_known_by_their_names_and_credit_notes_known_by_their_words_are_read() {
    let (project, config) = begun("odoo");
    says(
        &config,
        &[
            "order_id = \"Number\"",
            "returns = \"positive\"   # have a look",
            "\"Customer Credit Note\" = \"credit\", \"Customer Invoice\" = \"sale\"",
            "[source.customers]\nfiles = \"Contact (res.partner).csv\"",
            "customer_id = \"Name\"",
        ],
    );
    assert_eq!(revenue(&project), 106_279_600);
}

#[test]
fn a_polish_export_is_read_by_its_letters_and_an_amount_with_tax_is_no_list_price() {
    let (project, config) = begun("polish");
    says(&config, &["encoding = \"windows-1250\"", "quantity = \"Ilość\"", "net_amount = \"Wartość netto\""]);
    assert!(!config.contains("list_amount"), "Wartość brutto is netto and VAT: {config}");
    assert_eq!(revenue(&project), 119_446_500);
}

#[test]
fn danish_and_spanish_exports_are_read() {
    assert_eq!(revenue(&begun("danish").0), 119_446_500);
    assert_eq!(revenue(&begun("spanish").0), 13_495_000);
}

#[test]
fn every_sheet_of_a_workbook_is_looked_at() {
    let (project, config) = begun("workbook_of_sheets");
    says(&config, &["sheet = \"Factuurregels\"\nheader_row = 3", "sheet = \"Klanten\"", "sheet = \"Artikelen\""]);
    // 10.50 × (1 + … + 8)
    assert_eq!(revenue(&project), 3_780_000);
}

#[test]
fn heads_on_the_first_line_of_a_document_only_are_filled_down() {
    let lines = "Number,Invoice Date,Customer,Invoice lines/Product,Invoice lines/Quantity,Invoice lines/Subtotal\n\
        INV/1,2025-01-06,Smith,A1,1.00,10.50\n,,,A2,2.00,20.50\nINV/2,2025-01-07,Jones,A1,1.00,10.50\n";
    let project = Project::with_config("").file("account.move.csv", lines);
    fs::remove_file(project.folder().join("netto.toml")).unwrap();
    project.netto(&["init", "--project", project.folder().to_str().unwrap()]).ok();
    let config = fs::read_to_string(project.folder().join("netto.toml")).unwrap();
    let filled = "fill_down = [\"Number\", \"Invoice Date\", \"Customer\"]   # have a look: empty in 1 of 3 lines";
    assert!(config.contains(filled), "{config}");
    assert!(config.contains("product_id = \"Invoice lines/Product\""), "{config}");
}

#[test]
fn a_file_that_is_no_extract_is_left_over_with_its_reason() {
    let project = Project::copy_of(&repository("tests/init/german")).file("sheet.csv", "<html><table></table></html>");
    let outcome = project.netto(&["init", "--project", project.folder().to_str().unwrap()]).ok();
    assert!(outcome.stdout().contains("sheet.csv is not used: it is a web page"), "{}", outcome.stdout());
}

#[test]
fn what_cannot_be_told_is_asked_where_it_is_to_be_filled_in() {
    let project = Project::copy_of(&repository("tests/init/estonian"));
    let folder = project.folder().to_str().unwrap().to_owned();
    let refused = project.netto(&["init", "--project", &folder]);
    assert_eq!(refused.code(), 2);
    assert!(refused.message().contains("is written, but can't run yet"), "{}", refused.message());
    let path = project.folder().join("netto.toml");
    let config = fs::read_to_string(&path).unwrap();
    let asked: Vec<&str> = config.lines().filter(|line| line.contains("which column is it?")).collect();
    assert!(asked.iter().any(|line| line.starts_with("# order_id = \"…\"") && line.contains("Saateleht")), "{config}");
    assert!(config.contains("order_date = \"Kuupäev\""), "the only column of days is taken: {config}");
    let answers = r#"order_id = "Saateleht"
customer_id = "Ostja"
product_id = "Kaup"
quantity = "Kogus"
net_amount = "Väärtus""#;
    let filled: Vec<&str> = config.lines().filter(|line| !line.contains("which column is it?")).collect();
    fs::write(
        &path,
        filled.join("\n").replace("[source.order_lines.columns]", &format!("[source.order_lines.columns]\n{answers}")),
    )
    .unwrap();
    project.netto(&["check"]).ok();
}

#[test]
fn a_configuration_that_is_there_is_not_replaced() {
    let (project, config) = begun("german");
    let again = project.netto(&["init", "--project", project.folder().to_str().unwrap()]);
    assert_eq!(again.code(), 2);
    assert!(again.message().contains("already exists and is not replaced"), "{}", again.message());
    assert_eq!(fs::read_to_string(project.folder().join("netto.toml")).unwrap(), config);
}

#[test]
fn files_without_order_lines_are_refused_with_what_each_lacks() {
    let project = Project::with_config("").file("notes.csv", "a;b\n1;2\n");
    fs::remove_file(project.folder().join("netto.toml")).unwrap();
    let refused = project.netto(&["init", "--project", project.folder().to_str().unwrap()]);
    assert_eq!(refused.code(), 2);
    assert!(refused.message().contains("notes.csv: its columns don't match any source"), "{}", refused.message());
}

#[test]
fn the_demo_is_recognised_but_for_what_only_its_owner_knows() {
    let project = Project::copy_of(&repository("data/wholesaler"));
    fs::remove_file(project.folder().join("netto.toml")).unwrap();
    let extracts = project.folder().join("extracts");
    let folder = project.folder().to_str().unwrap().to_owned();
    let outcome = project.netto(&["init", extracts.to_str().unwrap(), "--project", &folder, "--format", "json"]).ok();
    let said: serde_json::Value = serde_json::from_str(&outcome.stdout()).unwrap();
    let sources: Vec<&str> =
        said["sources"].as_array().unwrap().iter().map(|source| source["source"].as_str().unwrap()).collect();
    for source in ["order_lines", "customers", "products", "employees", "cost_pools", "stock", "receivables"] {
        assert!(sources.contains(&source), "{source} is not among {sources:?}");
    }
}

#[test]
fn heads_written_on_the_first_line_only_are_filled_down_and_totals_of_pages_end_none() {
    let (project, config) = begun("german_heads_written_once");
    says(
        &config,
        &[
            "encoding = \"utf-16le\"",
            "fill_down = [\"Auftrag\", \"Belegdatum\", \"Kunde\"]   # have a look: empty in 18 of 30 lines",
            "where = \"not (\\\"Material\\\" = '' and \\\"Menge\\\" = '')\"",
        ],
    );
    // 12 × 1,000.00 + 12 × 200.00 − 6 × 10.50
    assert_eq!(revenue(&project), 143_370_000);
}

#[test]
fn a_column_for_debit_and_credit_turns_signs_and_a_column_for_each_month_becomes_rows() {
    let (project, config) = begun("dutch_debit_and_credit");
    says(
        &config,
        &[
            "net_amount = { from = \"Bedrag\", sign = { from = \"D/C\", negative = [\"C\"], positive = [\"D\"] } }",
            "select \"Afdeling\" as pool, '2025-03' as period, \"Mrt\" as amount from costs",
        ],
    );
    // 100.25 + … + 120.25, those of 7 and 14 taken off
    assert_eq!(revenue(&project), 17_720_000);
    assert_eq!(project.mart("pool_balance").sum("own_amount"), 90_000_000);
}

#[test]
fn words_beside_amounts_turn_signs_by_what_they_say() {
    let (project, config) = begun("german_sides_beside_amounts");
    let sides = "{ from = \"Betrag\", sign = { negative = [\"H\"], positive = [\"S\"] } }";
    assert_eq!(config.matches(sides).count(), 2, "{config}");
    // 1,234.50 - 123.45 + 500; goods cost 800 - 80 + 300.
    assert_eq!(revenue(&project), 16_110_500);
    assert_eq!(project.mart("fct_customer_month").sum("cogs"), 10_200_000);
    // 1,000 + 250 + 800 - 50
    assert_eq!(project.mart("pool_balance").sum("own_amount"), 20_000_000);
}

#[test]
fn titles_of_groups_above_the_names_of_columns_are_seen_and_pages_repeat_them() {
    let (project, config) = begun("english_titles_of_groups");
    says(
        &config,
        &["skip_lines = 1\nheader_rows = 2", "net_amount = \"Sales Amount\"", "cogs_amount = \"Purchase Amount\""],
    );
    assert_eq!(revenue(&project), 3_500_000);
}

#[test]
fn a_budget_in_a_workbook_with_a_column_for_each_month_becomes_rows_without_its_total() {
    let (project, config) = begun("dutch_budget_in_a_workbook");
    says(
        &config,
        &["as period, \"2025-02-01\" as amount", "not in ('Totaal')", "sheet = \"Begroting 2025\"\nheader_row = 2"],
    );
    project.netto(&["check"]).ok();
    project.run().ok();
    // 1,200.30 + 1,180 + 1,000 and 800 + 800.50 + 800; January to February are the months with order lines, and March has cost alone.
    assert_eq!(project.mart("pool_balance").sum("own_amount"), 57_808_000);
}

#[test]
fn heads_and_lines_in_one_file_are_put_together_by_the_names_that_stand_there() {
    let project = Project::copy_of(&repository("tests/cases/records_of_several_kinds"));
    fs::remove_file(project.folder().join("netto.toml")).unwrap();
    project.netto(&["init", "--project", project.folder().to_str().unwrap()]).ok();
    let config = fs::read_to_string(project.folder().join("netto.toml")).unwrap();
    says(
        &config,
        &[
            "heads = [\"H\"]\nlines = [\"L\"]\nignore = [\"D\", \"T\"]   # have a look",
            "\"H\" = [\"\", \"Order\", \"Date\", \"Customer\", \"Freight\"]",
            "freight_charged = { from = \"Freight\", once_per = \"order_id\" }",
        ],
    );
    assert_eq!(revenue(&project), 5_200_000);
    assert_eq!(project.mart("fct_customer_month").sum("freight_charged"), 125_000);
}

#[test]
fn heads_and_lines_without_names_are_named_by_their_values_and_the_rest_is_asked() {
    let project = Project::copy_of(&repository("tests/init/heads_and_lines_without_names"));
    let folder = project.folder().to_str().unwrap().to_owned();
    assert_eq!(project.netto(&["init", "--project", &folder]).code(), 2);
    let path = project.folder().join("netto.toml");
    let config = fs::read_to_string(&path).unwrap();
    says(
        &config,
        &[
            "\"L\" = [\"\", \"Line\", \"L3\", \"Quantity\", \"Price\", \"Amount\"]",
            "# customer_id = \"…\"                          # have a look: which column is it? H4 (10061)\n",
            "which column is it? L3 (C-400), Price (34,50)",
        ],
    );
    let filled = config.replace("# customer_id = \"…\"", "customer_id = \"H4\"");
    fs::write(&path, filled.replace("# product_id = \"…\"", "product_id = \"L3\"")).unwrap();
    assert_eq!(revenue(&project), 1_574_318_800);
}

#[test]
fn exports_are_read_for_what_their_values_say() {
    for (export, lines, amount) in EXPORTS {
        let (project, config) = begun(export);
        for line in *lines {
            assert!(config.contains(line), "{export}: {line} is not in\n{config}");
        }
        project.netto(&["ingest"]).ok();
        let sum = project.netto(&["sql", "select sum(net_amount) as amount from order_lines", "--format", "csv"]).ok();
        assert!(sum.stdout().contains(amount), "{export}: {amount} is not {}", sum.stdout());
    }
}

/// Exports, lines of the configuration that `init` writes for each, and what their order lines come to.
const EXPORTS: &[(&str, &[&str], &str)] = &[
    // Item numbers the lines where Material is the product.
    ("english_list_of_sap", &["line_no = \"Item\" ", "product_id = \"Material\" "], "157431.88"),
    (
        "dutch_workbook_of_months",
        &["sheet = \"*\"   # have a look: 6 sheets have the same columns", "decimal = \",\""],
        "157431.88",
    ),
    // The subtotal of the order stands on each line; the freight counts once.
    (
        "web_shop",
        &[
            "net_amount = \"Order Line Total\"",
            "customer_id = \"Customer User ID\"",
            "freight_charged = { from = \"Shipping\", once_per = \"order_id\" }",
        ],
        "157431.88",
    ),
    // A discount that makes the net amount as a percentage, an account that is the same everywhere, and a reference that is empty.
    (
        "invoices_of_xero",
        &[
            "customer_id = \"*ContactName\"",
            "product_id = \"InventoryItemCode\"",
            "list_amount = { sql = '\"*Quantity\" * \"*UnitAmount\"' }",
        ],
        "157431.88",
    ),
    // The amount from which the discount is still to be taken is the list amount.
    ("two_amounts", &["net_amount = \"Calculated_NetAmount\"", "list_amount = \"InvcDtl_ExtPrice\""], "157431.88"),
    // Revenue is below zero in a ledger; what is called a total price is an amount.
    (
        "german_ledger_of_revenue",
        &[
            "net_amount = { from = \"Gesamtpreis netto\", negate = true } # have a look: 21 of 24 are negative",
            "quantity = { from = \"Menge\", negate = true }",
        ],
        "157431.88",
    ),
    (
        "cancelled_and_offered",
        &[
            "<> 'Quote' and \\\"Status\\\" <> 'Cancelled'\"",
            "have a look: rows that are Cancelled don't count",
            "product_id = { from = \"Item\", default = \"none\" }",
        ],
        "157542.13",
    ),
    (
        "dutch_prices_per_hundred",
        &["net_amount = { sql = '\"Aantal\" * \"Prijs\" / \"Per\" * (1 - \"Korting %\" / 100)' }"],
        "157431.89",
    ),
    ("dutch_amounts_with_tax", &["net_amount = { sql = '\"Bedrag incl. BTW\" - \"BTW\"' }"], "157431.88"),
    (
        "columns_in_another_order",
        &["files = \"omzet_2025Q*.csv\"", "warehouse = { from = \"Magazijn\", optional = true }"],
        "157431.88",
    ),
    // Days with their century, and amounts of five decimals.
    ("as400", &["date = \"cyymmdd\"", "net_amount = { from = \"EXTAMT\", round = true }"], "157431.88"),
    ("in_thousands", &["net_amount = { sql = '\"Omzet x 1.000\" * 1000' }"], "157431.88"),
    // The grand total has its label where lines have their document: it is no word of a line, and credit notes are told all the same.
    (
        "italian_workbook_with_a_cover",
        &[
            "sheet = \"Vendite\"\nheader_row = 4",
            "returns = \"positive\"",
            "\"Fattura\" = \"sale\", \"Nota di credito\" = \"credit\" }",
        ],
        "43576.67",
    ),
    // Documents are known by their words under a name that nobody knows.
    (
        "portuguese_credit_notes",
        &["order_kind = { from = \"Tipo Doc.\"", "returns = \"positive\"", "currency = \"BRL\"", "date = \"%d/%m/%y\""],
        "43576.67",
    ),
    ("store_tickets", &["order_id = { join = [\"Store\", \"Till\", \"Ticket\"] } # have a look"], "43576.67"),
    ("workbook_with_nameless_columns", &["ignore = [\"Name\", \"column G\"]", "date = \"excel\""], "43576.67"),
    // One of three discounts is the sum of the others.
    (
        "german_deductions",
        &[
            "net_amount = { sql = '\"Bruttoerlös\" - coalesce(\"Erlösschmälerungen\", 0)' } # have a look: the file has no net amount",
        ],
        "43576.67",
    ),
    (
        "cents_by_price",
        &["net_amount = { sql = '\"Net\" / 100' } ", "it is a hundred times quantity × price, so it is in cents"],
        "11638.95",
    ),
    ("whole_amounts", &["# have a look: whole numbers only: if they are cents"], "253572"),
    (
        "dutch_totals_by_customer",
        &["where = \"not (\\\"Factuurnummer\\\" = '' and \\\"Artikelcode\\\" = '')\"   # totals"],
        "43576.67",
    ),
    // Customers stand alone above their lines, in a column without a name, and their totals below them.
    ("quickbooks", &["fill_down = [\"\"]", "customer_id = \"\" ", "net_amount = \"Amount\" "], "43576.67"),
    (
        "english_percentage_of_discount",
        &["net_amount = { sql = '\"Qty\" * \"Price\" * (1 - \"Disc %\" / 100)' }"],
        "43576.63",
    ),
    // Printed above zero, and told by the name of their file alone.
    (
        "french_credits_of_the_same_form",
        &["'credit' as order_kind", "-1 * credits.\"Montant HT\" as \"Montant HT\""],
        "43576.67",
    ),
    ("spanish_subtotals", &["# subtotals are not order lines"], "43576.67"),
    // What customers bought by month is no cost.
    ("workbook_with_a_summary", &["# 2025.xlsx [Summary]: it has a column for each month"], "43576.67"),
    ("czech", &["encoding = \"windows-1250\"", "currency = \"CZK\"", "net_amount = \"Částka bez DPH\" "], "43576.67"),
    // Letters of other code pages, and documents in other languages.
    (
        "turkish",
        &["encoding = \"windows-1254\"", "returns = \"positive\"", "\"Satış İade Faturası\" = \"return\""],
        "27537.58",
    ),
    ("turkish_of_dos", &["encoding = \"cp857\"", "product_id = \"STOKKOD\"", "name = \"UNVAN\" "], "75395.73"),
    ("hungarian", &["encoding = \"windows-1250\"", "customer_id = \"Vevőkód\" "], "7714168"),
    ("romanian", &["net_amount = \"Valoare fără TVA\" "], "44784.90"),
    ("croatian", &["encoding = \"windows-1250\"", "quantity = \"Količina\" "], "81343.88"),
    ("finnish_with_margins", &["cogs_amount = { sql = '\"Veroton summa\" - \"Kate\"' } # have a look"], "138026.45"),
    // Heads say which documents are credit notes, printed above zero.
    (
        "italian_documents_of_heads",
        &["returns = \"positive\"", "map = { \"FT\" = \"sale\", \"NC\" = \"credit\" }"],
        "13802.59",
    ),
    // Values of Parquet files are looked at too; days and costs stand there as texts.
    (
        "czech_in_parquet",
        &["date = \"%d.%m.%Y\"", "decimal = \",\"", "\"Dobropis\" = \"credit\"", "cogs_amount = \"naklady\""],
        "140728.20",
    ),
    ("german_branches", &["order_id = { join = [\"Filiale\", \"Belegnr\"] }", "warehouse = \"Filiale\""], "72189.46"),
    // Heads have a number of their own beside the id that lines name.
    ("heads_by_id", &["left join heads on lines.\"invoice_id\" = heads.\"id\""], "190671.52"),
    ("dutch_sheets_of_heads_and_lines", &["sheets = { heads = \"Facturen\", lines = \"Factuurregels\" }"], "99313.40"),
    (
        "spanish_letters_of_documents",
        &["encoding = \"cp850\"", "returns = \"positive\"", "map = { \"A\" = \"credit\", \"F\" = \"sale\" }"],
        "32083.09",
    ),
    (
        "rates_the_other_way",
        &[
            "rate = { sql = '1 / \"Rate\"' } ",
            "12.5 is inverted",
            "cogs_amount = { sql = '\"Cost\"' } ",
            "kind = { constant = \"visit\" } ",
        ],
        "87668.9",
    ),
    ("dutch_currency_at_some_amounts", &["net_amount = \"Netto\"", "currency_sign = \"EUR\""], "4622.08"),
    // Quotations and open orders have the same columns, and the empty file the same beginning of its name.
    (
        "dutch_files_beside",
        &[
            "files = [\"omzet_1.csv\", \"omzet_2.csv\"]",
            "# offertes.csv: its name says that these are no sales",
            "# openstaande orders.csv: ",
        ],
        "4622.08",
    ),
    ("days_in_two_ways", &["date = [\"%d-%m-%Y\", \"%Y-%m-%d\"]"], "4622.08"),
    (
        "sap_types_of_documents",
        &["map = { \"G2\" = \"credit\", \"RE\" = \"return\", \"TA\" = \"sale\" }", "currency = \"WAERK\""],
        "2864.06",
    ),
    ("dutch_ordered_and_delivered", &["quantity = \"Aantal geleverd\"", "net_amount = \"Bedrag geleverd\""], "4622.08"),
    ("lines_of_business_central", &["product_id = \"No.\"", "order_id = \"Document No.\""], "4622.08"),
];

#[test]
fn words_among_amounts_are_said_and_no_other_column_takes_their_place() {
    let (project, config) = begun("dutch_words_among_amounts");
    let remark = "2 of 24 values are no numbers, and their rows are set apart, unless map = { \"gratis\" = \"0\" }";
    says(&config, &["net_amount = \"Netto\" ", remark]);
    let config = config.replace("\"Netto\" ", "{ from = \"Netto\", map = { \"gratis\" = \"0\" } } ");
    fs::write(project.folder().join("netto.toml"), config).unwrap();
    assert_eq!(revenue(&project), 43_194_100);
}

#[test]
fn costs_of_each_year_are_read_from_their_file_and_what_stands_for_no_day_is_none() {
    let (project, config) = begun("costs_of_two_years");
    says(
        &config,
        &[
            "select \"Kostenplaats\" as pool, '2024-01' as period, \"Rekening\" as gl_account, \"Jan\" as amount from costs_2024",
            "costs_2025 = \"kosten 2025.csv\"",
            "not in ('Totaal kosten')",
            "null = [\"-\"]   # have a look: written where a date is not known",
        ],
    );
    project.netto(&["ingest"]).ok();
    let asked = |sql: &str| project.netto(&["sql", sql, "--format", "csv"]).ok().stdout();
    assert!(asked("select sum(amount) as amount from cost_pools").contains("41535"));
    assert!(asked("select count(*) as n, count(paid_date) as paid from receivables").contains("20,11"));
}

#[test]
fn weeks_and_months_stand_for_days_where_there_are_none_and_the_names_of_files_for_years() {
    let cases = [
        // From the week of 7 January to that of 10 February.
        ("dutch_weeks", "date = \"week\"", "order_date = { join = [\"Jaar\", \"Week\"] }", "2025-01-09", "2025-02-13"),
        (
            "dutch_months",
            "date = \"month\"",
            "lines have a month and no day: they are dated on its first day",
            "2025-01-01",
            "2025-02-01",
        ),
        (
            "german_years_in_names",
            "date = \"ddmm file name\"",
            "the year in the file name is used",
            "2024-01-07",
            "2025-02-10",
        ),
    ];
    for (export, date, remark, first, last) in cases {
        let (project, config) = begun(export);
        says(&config, &[date, remark]);
        project.netto(&["ingest"]).ok();
        let days = "select min(order_date) as first, max(order_date) as last, count(distinct customer_id) as customers from order_lines";
        let days = project.netto(&["sql", days, "--format", "csv"]).ok().stdout();
        assert!(days.contains(&format!("{first},{last},6")), "{export}: {days}");
    }
}

#[test]
fn bookings_of_datev_have_the_year_that_begins_where_its_first_line_says() {
    let (project, config) = begun("datev");
    says(
        &config,
        &[
            "date = \"ddmm 2024-07\"   # have a look: dates have no year",
            "booking_id = \"Belegfeld 1\"",
            "sign = { from = \"Soll/Haben-Kennzeichen\", negative = [\"H\"], positive = [\"S\"] }",
        ],
    );
    project.netto(&["ingest"]).ok();
    let months = "select period, sum(amount) as amount from cost_pools group by period order by period";
    let months = project.netto(&["sql", months, "--format", "csv"]).ok();
    // 10,000; 9,000.50 - 500.50; 7,000; 7,100; and 8,000 of August before them
    let expected =
        ["2024-08-01", "8000.00", "2025-01-01", "10000.00", "2025-02-01", "8500.00", "2025-04-01", "7100.00"];
    let said = months.stdout();
    let mut rest = said.as_str();
    for word in expected {
        let at = rest.find(word).unwrap_or_else(|| panic!("{word} does not follow in {said}"));
        rest = &rest[at..];
    }
}

#[test]
fn quotes_that_are_characters_like_others_do_not_hide_what_a_file_is() {
    let (project, config) = begun("quotes_within_quotes");
    assert!(config.contains("net_amount = \"Bedrag\""), "{config}");
    let refused = project.netto(&["check"]).message();
    let message = refused.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(message.contains("quote = \"none\" if quotes are ordinary characters"), "{message}");
}

#[test]
fn what_cannot_be_read_is_named_with_an_example_and_what_to_do() {
    let project = Project::copy_of(&repository("tests/init/what_is_asked")).file("orders.json", "[{\"order\": 1}]");
    let outcome = project.netto(&["init", "--project", project.folder().to_str().unwrap()]);
    assert_eq!(outcome.code(), 2);
    assert!(outcome.stdout().contains("orders.json is not used: it is JSON"), "{}", outcome.stdout());
    let config = fs::read_to_string(project.folder().join("netto.toml")).unwrap();
    for words in [
        "Datum contains texts such as ma 1 jan 2025, but a day is required",
        "Aantal contains texts such as 11 st, but a number is required",
        "several columns are called Naam: give each its own name in the export",
    ] {
        assert!(config.contains(words), "{words} is not in\n{config}");
    }
}

#[test]
fn a_ledger_with_debit_and_credit_in_two_columns_is_one_less_the_other() {
    let (project, config) = begun("dutch_ledger_in_two_columns");
    let amount = "amount = { sql = 'coalesce(\"Debet\", 0) - coalesce(\"Credit\", 0)' }";
    assert!(config.contains(amount), "{config}");
    assert_eq!(revenue(&project), 15_005_000);
    // 1,250 - 50 and 800
    assert_eq!(project.mart("pool_balance").sum("own_amount"), 20_000_000);
}

#[test]
fn a_list_of_sap_with_lines_of_dashes_is_read() {
    let (project, config) = begun("german_list_of_sap");
    assert!(config.contains("delimiter = \"|\""), "{config}");
    assert_eq!(revenue(&project), 11_300_000);
}

#[test]
fn keys_behind_prefixes_of_tables_are_known_and_a_rate_of_discount_is_taken_off_what_the_list_price_comes_to() {
    let (project, config) = begun("keys_with_prefixes");
    says(
        &config,
        &[
            "left join heads on lines.\"l_orderkey\" = heads.\"o_orderkey\"",
            "customer_id = \"o_custkey\"",
            "net_amount = { sql = '\"l_extendedprice\" * (1 - \"l_discount\")' } # have a look",
            "list_amount = \"l_extendedprice\"",
            "customer_id = \"c_custkey\"",
            "product_id = \"p_partkey\"",
        ],
    );
    assert_eq!(revenue(&project), 560_784_840);
    assert_eq!(project.mart("fct_customer_month").sum("list_revenue"), 590_208_200);
}

#[test]
fn revenue_with_a_column_for_each_month_is_refused_with_what_to_export() {
    let project = Project::copy_of(&repository("tests/init/swedish_months_of_customers"));
    let refused = project.netto(&["init", "--project", project.folder().to_str().unwrap()]);
    assert_eq!(refused.code(), 2);
    let message = refused.message().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(message.contains("it has a column for each month (jan to apr)"), "{message}");
    assert!(message.contains("export the lines of orders or invoices"), "{message}");
}

#[test]
fn companies_with_the_same_order_numbers_and_days_of_jd_edwards_are_told_apart() {
    let (project, config) = begun("jd_edwards");
    says(
        &config,
        &[
            "order_id = { join = [\"SDKCOO\", \"SDDOCO\"] }",
            "date = \"cyyddd\"",
            "whole numbers only: if they are cents, write { sql = '\"SDAEXP\" / 100' }",
        ],
    );
    assert_eq!(revenue(&project), 3_030_000_000);
}

#[test]
fn a_workbook_grouped_by_customer_with_merged_cells_and_totals_is_read() {
    let (project, config) = begun("dutch_workbook_by_customer");
    let filled = "fill_down = [\"Klant\", \"Factuur\", \"Factuurdatum\"]   # have a look: empty in 20 of 24 lines";
    assert!(config.contains(filled), "{config}");
    // 12 × (100.25 + 200.50)
    assert_eq!(revenue(&project), 36_090_000);
}
