//! Peers: the active customers of the same market and tier; of the same tier alone where those are fewer than five.
//!
//! ```text
//! Bouw · Medium      A B C D E F      six peers
//! Zorg · Medium      G                one: so all of Medium, A to G
//! ```

use std::collections::BTreeMap;

use crate::customer_window::Customer;

/// So many customers make a group.
const ENOUGH: usize = 5;

/// Who is whose peer.
pub(crate) struct PeerGroups<'a> {
    groups: BTreeMap<String, Vec<&'a Customer>>,
    of_customer: BTreeMap<&'a str, String>,
}

impl<'a> PeerGroups<'a> {
    /// The groups of a window's active customers; a customer without a market is one of its tier.
    pub(crate) fn new(customers: &'a [Customer], markets: &BTreeMap<String, String>) -> Self {
        let active = || customers.iter().filter(|customer| customer.is_active());
        let narrow =
            |customer: &Customer| markets.get(&customer.id).map(|market| format!("{market} · {}", customer.tier));
        let mut groups: BTreeMap<String, Vec<&Customer>> = BTreeMap::new();
        for customer in active() {
            groups.entry(customer.tier.to_owned()).or_default().push(customer);
            if let Some(narrow) = narrow(customer) {
                groups.entry(narrow).or_default().push(customer);
            }
        }
        let group = |customer: &Customer| {
            let narrow = narrow(customer).filter(|name| groups.get(name).is_some_and(|group| group.len() >= ENOUGH));
            narrow.unwrap_or_else(|| customer.tier.to_owned())
        };
        let of_customer = active().map(|customer| (customer.id.as_str(), group(customer))).collect();
        Self { groups, of_customer }
    }

    /// A customer's group and its members, the customer among them; nothing for who isn't active.
    pub(crate) fn of(&self, customer: &str) -> Option<(&str, &[&'a Customer])> {
        let name = self.of_customer.get(customer)?;
        Some((name, self.groups.get(name)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::customer_window::tests::customer;

    #[test]
    fn a_market_with_few_customers_is_compared_with_the_whole_tier() {
        let customers: Vec<Customer> = ["A", "B", "C", "D", "E", "F", "G"].map(|id| customer(id, 1, 1, 1)).into();
        let market = |id: &str, market: &str| (id.to_owned(), market.to_owned());
        let mut markets: BTreeMap<String, String> = ["A", "B", "C", "D", "E"].map(|id| market(id, "Bouw")).into();
        markets.extend([market("G", "Zorg")]);
        let groups = PeerGroups::new(&customers, &markets);
        let found = |id: &str| groups.of(id).map(|(name, peers)| (name.to_owned(), peers.len()));
        assert_eq!(found("A"), Some(("Bouw · Small".into(), 5)));
        assert_eq!((found("F"), found("G")), (Some(("Small".into(), 7)), Some(("Small".into(), 7))));
        assert_eq!(found("X"), None);
    }
}
