//! `medewerkers.csv`: fourteen people, four pairs of field and inside staff.
//!
//! ```text
//! Code;Naam;Functie;Koppel;Loon;Auto;Representatie;Bonus;Minuten
//! M01;Joost van Rijn;BUI;K1;5450,00;980,00;260,00;400,00;9600
//! M05;Renée Daniëls;BIN;K1;4350,00;0,00;0,00;150,00;9600
//! M09;Henk Brinkman;MAG;;3750,00;0,00;0,00;0,00;9600
//! ```

use crate::branch::Branch;
use crate::extract::{Extract, amount};

/// An employee; amounts per month in cents, at the level of the last year.
pub(crate) struct Employee {
    pub(crate) code: &'static str,
    name: &'static str,
    pub(crate) role: Role,
    pair: &'static str,
    pub(crate) wage: i64,
    pub(crate) car: i64,
    pub(crate) representation: i64,
    pub(crate) bonus: i64,
    minutes_per_month: i64,
}

/// The role of an employee.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Field,
    Inside,
    Warehouse,
    Finance,
    Purchasing,
    Management,
}

const fn employee(
    code: &'static str,
    name: &'static str,
    role: Role,
    pair: &'static str,
    cents: [i64; 4],
    minutes_per_month: i64,
) -> Employee {
    let [wage, car, representation, bonus] = cents;
    Employee { code, name, role, pair, wage, car, representation, bonus, minutes_per_month }
}

/// All employees, field staff first.
pub(crate) const EMPLOYEES: [Employee; 14] = [
    employee("M01", "Joost van Rijn", Role::Field, "K1", [545_000, 98_000, 26_000, 40_000], 9_600),
    employee("M02", "Chloë Vermeulen", Role::Field, "K2", [530_000, 98_000, 24_000, 35_000], 9_600),
    employee("M03", "Sjoerd Hoekstra", Role::Field, "K3", [560_000, 105_000, 30_000, 45_000], 9_600),
    employee("M04", "Güler Aydin", Role::Field, "K4", [515_000, 92_000, 22_000, 30_000], 9_600),
    employee("M05", "Renée Daniëls", Role::Inside, "K1", [435_000, 0, 0, 15_000], 9_600),
    employee("M06", "Bas Kuijpers", Role::Inside, "K2", [420_000, 0, 0, 12_000], 9_600),
    employee("M07", "Maaike de Graaf", Role::Inside, "K3", [430_000, 0, 0, 15_000], 9_600),
    employee("M08", "Noël Peeters", Role::Inside, "K4", [405_000, 0, 0, 10_000], 9_600),
    employee("M09", "Henk Brinkman", Role::Warehouse, "", [375_000, 0, 0, 0], 9_600),
    employee("M10", "Fatima El Amrani", Role::Warehouse, "", [352_000, 0, 0, 0], 9_600),
    employee("M11", "Piet-Hein Bos", Role::Warehouse, "", [360_000, 0, 0, 0], 9_600),
    employee("M12", "Anneke Smeets", Role::Finance, "", [490_000, 0, 0, 0], 9_600),
    employee("M13", "Ruben Çelik", Role::Purchasing, "", [520_000, 45_000, 8_000, 0], 9_600),
    employee("M14", "Marijke van Dijk", Role::Management, "", [780_000, 110_000, 45_000, 0], 9_600),
];

/// The employees in a role.
pub(crate) fn of_role(role: Role) -> impl Iterator<Item = &'static Employee> {
    EMPLOYEES.iter().filter(move |employee| employee.role == role)
}

pub(crate) fn extract(branch: Branch) -> Extract {
    let mut extract = Extract::new("medewerkers.csv", "Code;Naam;Functie;Koppel;Loon;Auto;Representatie;Bonus;Minuten");
    for employee in &EMPLOYEES {
        extract.row([
            branch.code(employee.code),
            employee.name.to_owned(),
            employee.role.code().to_owned(),
            branch.code(employee.pair),
            amount(employee.wage),
            amount(employee.car),
            amount(employee.representation),
            amount(employee.bonus),
            employee.minutes_per_month.to_string(),
        ]);
    }
    extract
}

impl Role {
    /// The abbreviation of the salary system.
    const fn code(self) -> &'static str {
        match self {
            Self::Field => "BUI",
            Self::Inside => "BIN",
            Self::Warehouse => "MAG",
            Self::Finance => "ADM",
            Self::Purchasing => "INK",
            Self::Management => "DIR",
        }
    }
}
