//! `[facts]`: which detailed facts are computed.
//!
//! ```toml
//! [facts]
//! order_line = true
//! ```

use netto_model::{Table, contract};
use schemars::JsonSchema;
use serde::Deserialize;

/// Which detailed facts are computed. Default: all except the order lines.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[expect(clippy::struct_excessive_bools, reason = "a switch per table")]
pub struct FactsConfig {
    /// Whether any detailed fact is computed: `enabled = false` saves reading all order lines a second time.
    pub enabled: bool,
    /// `fct_order`: customer × month × order.
    pub order: bool,
    /// `fct_order_line`: as large as the order lines themselves.
    pub order_line: bool,
    /// `fct_customer_product_group_month`.
    pub customer_product_group_month: bool,
    /// `fct_product_month`.
    pub product_month: bool,
    /// `fct_customer_product_month`: customers by product. The analyses of stock, prices and changes of profit need it.
    pub customer_product_month: bool,
    /// `fct_supplier_month`.
    pub supplier_month: bool,
    /// `fct_supplier_activity_month`: activities by the supplier of the products; the takeover scenario needs it.
    pub supplier_activity_month: bool,
    /// `fct_employee_month`: by the employee who took the order.
    pub employee_month: bool,
    /// `fct_customer_channel_month`.
    pub customer_channel_month: bool,
    /// `fct_customer_kind_month`: customers by goods, services and assemblies, from stock or direct.
    pub customer_kind_month: bool,
    /// `fct_ship_to_month`: customers by address of delivery.
    pub ship_to_month: bool,
    /// `fct_warehouse_month`.
    pub warehouse_month: bool,
    /// `delivery_month`: promised and actual delivery dates.
    pub delivery_month: bool,
}

impl Default for FactsConfig {
    fn default() -> Self {
        Self {
            enabled: true,
            order: true,
            order_line: false,
            customer_product_group_month: true,
            product_month: true,
            customer_product_month: true,
            supplier_month: true,
            supplier_activity_month: true,
            employee_month: true,
            customer_channel_month: true,
            customer_kind_month: true,
            ship_to_month: true,
            warehouse_month: true,
            delivery_month: true,
        }
    }
}

impl FactsConfig {
    /// Whether a fact is computed.
    #[must_use]
    pub fn wants(&self, fact: &Table) -> bool {
        let switches = [
            (&contract::FCT_ORDER, self.order),
            (&contract::FCT_ORDER_LINE, self.order_line),
            (&contract::FCT_CUSTOMER_PRODUCT_GROUP_MONTH, self.customer_product_group_month),
            (&contract::FCT_PRODUCT_MONTH, self.product_month),
            (&contract::FCT_CUSTOMER_PRODUCT_MONTH, self.customer_product_month),
            (&contract::FCT_SUPPLIER_MONTH, self.supplier_month),
            (&contract::FCT_SUPPLIER_ACTIVITY_MONTH, self.supplier_activity_month),
            (&contract::FCT_EMPLOYEE_MONTH, self.employee_month),
            (&contract::FCT_CUSTOMER_CHANNEL_MONTH, self.customer_channel_month),
            (&contract::FCT_CUSTOMER_KIND_MONTH, self.customer_kind_month),
            (&contract::FCT_SHIP_TO_MONTH, self.ship_to_month),
            (&contract::FCT_WAREHOUSE_MONTH, self.warehouse_month),
            (&contract::DELIVERY_MONTH, self.delivery_month),
        ];
        self.enabled && switches.into_iter().any(|(table, switch)| switch && table.name == fact.name)
    }

    /// Whether any fact is computed.
    #[must_use]
    pub fn wants_any(&self) -> bool {
        contract::FACTS.iter().any(|fact| self.wants(fact))
    }
}
