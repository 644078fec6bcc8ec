//! An expression as a sum: the terms about a whole, separated from the terms about its parts.

use std::collections::BTreeMap;

use super::Expression;
use super::node::{Arithmetic, Function, Node};
use super::print::Reader;
use crate::table::Column;

impl Expression {
    /// The expression as expressions that add up to it, each with the summands that read the same of some columns; those that
    /// read none of them come first. One that may be empty, as a case without `else`, is left whole: what is added to nothing
    /// is nothing.
    ///
    /// ```
    /// use netto_model::{Expression, contract::ORDERS};
    /// let minutes = Expression::parse("5 + case when delivery = 'direct' then 2*lines else 7*lines end + lines", &[&ORDERS])?;
    /// let parts = minutes.summands_by(&["delivery", "order_kind"]);
    /// let texts: Vec<&str> = parts.iter().map(|part| part.text()).collect();
    /// assert_eq!(texts, ["5 + lines", "case when delivery = 'direct' then 2 * lines else 7 * lines end"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn summands_by(&self, columns: &[&str]) -> Vec<Self> {
        let mut summands = Vec::new();
        split(&self.root, false, &mut summands);
        let mut groups: BTreeMap<Vec<&str>, Node> = BTreeMap::new();
        for (summand, negative) in summands {
            let reads = columns_of(&summand);
            let key = columns.iter().copied().filter(|name| reads.iter().any(|column| column.name == *name)).collect();
            let sum = match (groups.remove(&key), negative) {
                (None, false) => summand,
                (None, true) => Node::Negative(Box::new(summand)),
                (Some(sum), _) => {
                    let sign = if negative { Arithmetic::Minus } else { Arithmetic::Plus };
                    Node::Arithmetic(Box::new(sum), sign, Box::new(summand))
                }
            };
            groups.insert(key, sum);
        }
        if groups.len() < 2 || may_be_empty(&self.root) {
            return vec![self.clone()];
        }
        groups.into_values().map(Self::of).collect()
    }

    fn of(root: Node) -> Self {
        let mut columns = columns_of(&root);
        columns.sort_by_key(|column| column.name);
        columns.dedup_by_key(|column| column.name);
        Self { text: root.print(Reader::Person), root, columns }
    }
}

/// The summands, and whether each is taken away.
fn split(node: &Node, negative: bool, summands: &mut Vec<(Node, bool)>) {
    match node {
        Node::Arithmetic(left, operator, right) if operator.is_sum() => {
            split(left, negative, summands);
            split(right, negative != (*operator == Arithmetic::Minus), summands);
        }
        Node::Negative(inner) => split(inner, !negative, summands),
        // A number of times a sum is the sum of the number of times each.
        Node::Arithmetic(factor, Arithmetic::Times, sum) if columns_of(factor).is_empty() => {
            scaled(sum, negative, summands, |part| Node::Arithmetic(factor.clone(), Arithmetic::Times, Box::new(part)));
        }
        Node::Arithmetic(sum, operator @ (Arithmetic::Times | Arithmetic::Over), factor)
            if columns_of(factor).is_empty() =>
        {
            scaled(sum, negative, summands, |part| Node::Arithmetic(Box::new(part), *operator, factor.clone()));
        }
        other => summands.push((other.clone(), negative)),
    }
}

fn scaled(sum: &Node, negative: bool, summands: &mut Vec<(Node, bool)>, of: impl Fn(Node) -> Node) {
    let mut parts = Vec::new();
    split(sum, negative, &mut parts);
    summands.extend(parts.into_iter().map(|(part, negative)| (of(part), negative)));
}

fn columns_of(node: &Node) -> Vec<&'static Column> {
    match node {
        Node::Column(column) => vec![*column],
        other => children(other).into_iter().flat_map(columns_of).collect(),
    }
}

fn may_be_empty(node: &Node) -> bool {
    matches!(node, Node::Null(_) | Node::Case(_, None) | Node::Call(Function::Nullif, _))
        || children(node).into_iter().any(may_be_empty)
}

fn children(node: &Node) -> Vec<&Node> {
    match node {
        Node::Number(..) | Node::Text(_) | Node::Date(..) | Node::Condition(_) | Node::Null(_) | Node::Column(_) => {
            vec![]
        }
        Node::Negative(inner)
        | Node::Not(inner)
        | Node::IsNull(inner, _)
        | Node::Like(inner, ..)
        | Node::Round(inner, _) => vec![inner],
        Node::Arithmetic(left, _, right)
        | Node::Compare(left, _, right)
        | Node::Concat(left, right)
        | Node::And(left, right)
        | Node::Or(left, right) => vec![left, right],
        Node::In(value, list, _) => [&**value].into_iter().chain(list).collect(),
        Node::Between(parts, _) => parts.iter().collect(),
        Node::Case(branches, otherwise) => {
            let branches = branches.iter().flat_map(|(condition, result)| [condition, result]);
            branches.chain(otherwise.as_deref()).collect()
        }
        Node::Call(_, arguments) => arguments.iter().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::ORDERS;

    #[test]
    fn summands_are_told_apart_by_what_they_read() {
        let parts = |text: &str| {
            let expression = Expression::parse(text, &[&ORDERS]).unwrap();
            let parts = expression.summands_by(&["order_kind", "delivery"]);
            parts.iter().map(|part| part.text().to_owned()).collect::<Vec<_>>().join(" | ")
        };
        let by_kind = "case when order_kind = 'return' then 10 else 4 end";
        let by_delivery = "case when delivery = 'direct' then 1 else 2 end";
        assert_eq!(parts("3 + 2*lines"), "3 + 2*lines", "one is left as it was written");
        assert_eq!(parts(by_kind), by_kind);
        assert_eq!(parts(&format!("3 + {by_kind} - lines - {by_kind}")), format!("3 - lines | {by_kind} - {by_kind}"));
        assert_eq!(parts(&format!("lines - {by_kind} * 2")), format!("lines | -({by_kind} * 2)"));
        assert_eq!(parts(&format!("{by_kind} + {by_delivery}")), format!("{by_delivery} | {by_kind}"));
        assert_eq!(parts(&format!("1.5 * (lines + {by_kind}) / 2")), format!("1.5 * lines / 2 | 1.5 * {by_kind} / 2"));
        assert_eq!(
            parts(&format!("lines * (1 + {by_kind})")),
            format!("lines * (1 + {by_kind})"),
            "lines are of the part"
        );
        assert_eq!(
            parts("5 + case when delivery = 'direct' then 1 end"),
            "5 + case when delivery = 'direct' then 1 end"
        );
    }
}
