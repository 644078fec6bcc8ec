//! `kosten.csv`: the general ledger's bookings per department, month and account, and the minutes of capacity.
//!
//! ```text
//! Afdeling;Periode;Rekening;Debiteur;Boeking;Bedrag;Capaciteit
//! BUITENDIENST;01-07-2022;4000;;;19.350,00;22277
//! BUITENDIENST;01-07-2022;4300;;;3.537,00;
//! MARKETING;01-07-2022;4460;003269;MB202207-1;700,00;
//! ```

use netto_model::Period;

use crate::branch::Branch;
use crate::calendar::{day, dutch, month_index, months, season, working_days};
use crate::customers::Customer;
use crate::draw::{Draw, Stream};
use crate::employees::{EMPLOYEES, Employee, Role, of_role};
use crate::extract::{Extract, grouped_amount, per_mille};

/// A department's regular bookings other than for its people: account, cents per month in the last year, whether it moves with demand.
struct Department {
    name: &'static str,
    role: Option<Role>,
    /// Practical minutes per person and working day; 0 if capacity is not measured in time.
    minutes_per_day: i64,
    bookings: &'static [(&'static str, i64, bool)],
}

const DEPARTMENTS: [Department; 11] = [
    Department {
        name: "BUITENDIENST",
        role: Some(Role::Field),
        minutes_per_day: 340,
        bookings: &[("4410", 60_000, false)],
    },
    Department {
        name: "BINNENDIENST",
        role: Some(Role::Inside),
        minutes_per_day: 350,
        bookings: &[("4420", 145_000, false)],
    },
    Department {
        name: "MAGAZIJN",
        role: Some(Role::Warehouse),
        minutes_per_day: 365,
        bookings: &[("4210", 165_000, false), ("4510", 135_000, true)],
    },
    Department {
        name: "TRANSPORT",
        role: None,
        minutes_per_day: 0,
        bookings: &[("4520", 905_000, true), ("4310", 240_000, false)],
    },
    Department {
        name: "ADMINISTRATIE",
        role: Some(Role::Finance),
        minutes_per_day: 0,
        bookings: &[("4420", 310_000, false), ("4600", 215_000, false)],
    },
    Department {
        name: "INKOOP",
        role: Some(Role::Purchasing),
        minutes_per_day: 0,
        bookings: &[("4410", 55_000, false)],
    },
    Department {
        name: "HUISVESTING",
        role: None,
        minutes_per_day: 0,
        bookings: &[("4200", 720_000, false), ("4220", 195_000, false)],
    },
    Department { name: "ECOMMERCE", role: None, minutes_per_day: 0, bookings: &[("4430", 265_000, false)] },
    Department { name: "MARKETING", role: None, minutes_per_day: 0, bookings: &[("4450", 210_000, false)] },
    Department { name: "FINANCIERING", role: None, minutes_per_day: 0, bookings: &[("4800", 345_000, false)] },
    Department {
        name: "DIRECTIE",
        role: Some(Role::Management),
        minutes_per_day: 0,
        bookings: &[("4600", 180_000, false)],
    },
];
/// March 2025: flu in the warehouse, and the busiest month of the year.
const FLU: (&str, Period, i64) = ("MAGAZIJN", Period::new(2025, 3), 945);
/// Share of the working days on which a person is present, per month: holidays are in summer and at Christmas.
const PRESENCE: [i64; 12] = [950, 930, 960, 940, 900, 950, 780, 700, 960, 940, 960, 830];

/// The events of a branch; the first branch also has the cost of the departments of all branches.
pub(crate) fn extract(seed: u64, branch: Branch, customers: &[Customer]) -> Extract {
    let mut draw = Draw::new(seed, Stream::CostPools);
    let header = "Afdeling;Periode;Rekening;Debiteur;Boeking;Bedrag;Capaciteit";
    let mut extract = Extract::new("kosten.csv", header);
    for period in months() {
        for department in DEPARTMENTS.iter().filter(|_| branch.index == 0) {
            book(&mut draw, &mut extract, branch, department, period);
        }
        book_events(&mut draw, &mut extract, branch, customers, period);
    }
    extract
}

/// The department's people and regular bookings; the first booking has the capacity.
fn book(draw: &mut Draw, extract: &mut Extract, branch: Branch, department: &Department, period: Period) {
    let people = people_accounts(department.role);
    let regular = department.bookings.iter().map(|&(account, cents, moves)| {
        let cents = if moves { per_mille(cents, season(period)) } else { cents };
        (account, per_mille(cents, draw.between(950, 1_050)))
    });
    let accounts: Vec<_> = people.into_iter().chain(regular).filter(|&(_, cents)| cents != 0).collect();
    for (index, (account, cents)) in accounts.into_iter().enumerate() {
        let capacity = practical_minutes(department, period).filter(|_| index == 0);
        extract.row([
            department.name.to_owned(),
            dutch(period.first_day()),
            account.to_owned(),
            String::new(),
            String::new(),
            grouped_amount(per_mille(cents, level(period)) * branch.of),
            capacity.map(|minutes| (minutes * branch.of).to_string()).unwrap_or_default(),
        ]);
    }
}

/// Stands, workshops and training for one customer: bookings that name that customer.
fn book_events(draw: &mut Draw, extract: &mut Extract, branch: Branch, customers: &[Customer], period: Period) {
    let month = usize::try_from(month_index(period)).unwrap_or_default();
    let large: Vec<&Customer> =
        customers.iter().filter(|customer| customer.yearly > 4_000_000 && customer.buys(month)).collect();
    let events = draw.between(1, 3);
    for number in (1..=events).filter(|_| !large.is_empty()) {
        extract.row([
            "MARKETING".to_owned(),
            dutch(period.first_day()),
            "4460".to_owned(),
            draw.pick(&large).padded(),
            format!("MB{}{:02}-{}", period.year(), period.month(), branch.number(number)),
            grouped_amount(draw.between(250, 1_400) * 100),
            String::new(),
        ]);
    }
}

/// Wages, cars, representation and bonuses of a role.
fn people_accounts(role: Option<Role>) -> Vec<(&'static str, i64)> {
    let sum = |pay: fn(&Employee) -> i64| role.map(|role| of_role(role).map(pay).sum()).unwrap_or_default();
    vec![
        ("4000", sum(|employee| employee.wage)),
        ("4300", sum(|employee| employee.car)),
        ("4350", sum(|employee| employee.representation)),
        ("4050", sum(|employee| employee.bonus)),
    ]
}

/// Working days on which a person is present, in thousandths.
pub(crate) fn presence(period: Period) -> i64 {
    PRESENCE[usize::try_from(period.month() - 1).unwrap_or_default()]
}

fn practical_minutes(department: &Department, period: Period) -> Option<i64> {
    let role = department.role.filter(|_| department.minutes_per_day > 0)?;
    let heads = i64::try_from(EMPLOYEES.iter().filter(|employee| employee.role == role).count()).ok()?;
    let days = i64::try_from(working_days(period).len()).ok()?;
    let minutes = per_mille(heads * days * department.minutes_per_day, presence(period));
    Some(if (department.name, period) == (FLU.0, FLU.1) { per_mille(minutes, FLU.2) } else { minutes })
}

/// Cost rises each January: level in thousandths of the last year's.
fn level(period: Period) -> i64 {
    match period.first_day() {
        first if first < day(2023, 1, 1) => 900,
        first if first < day(2024, 1, 1) => 935,
        first if first < day(2025, 1, 1) => 970,
        _ => 1_000,
    }
}
