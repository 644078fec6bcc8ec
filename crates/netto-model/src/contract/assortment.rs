//! Stock, product groups, markets and suppliers.

use super::{super::column as c, *};

table! { STOCK_TURNOVER = "stock_turnover", Mart, "window × level × key", "What stock earns, by product and by product group: turnover, margin, GMROI and holding cost. Turns, days and GMROI are per year: windows of other lengths are scaled to twelve months. Windows without a stock count are left out.";
    WINDOW,
    Column::key(c::LEVEL, Text, "What the key names").one_of(STOCK_LEVELS),
    Column::key(c::KEY, Text, "Product, or product group; empty for the products without one").or(""),
    count(c::SNAPSHOTS, "Days in the window on which stock was counted"),
    money(c::AVERAGE_STOCK, "Value at cost, averaged over the snapshots; a product that a snapshot doesn't name was not there"),
    money(c::COGS, "Cost of goods sold"),
    money(c::INVOICE_REVENUE, "Invoice revenue"),
    money(c::GROSS_MARGIN, "Product margin: invoice revenue less cost of goods sold, before rebates, terms and freight"),
    Column::optional(c::TURNS, Ratio, "Cost of goods sold ÷ average stock, per year; empty without stock"),
    Column::optional(c::DAYS, Ratio, "365 ÷ turns: how long stock lies").in_unit(Unit::Days),
    maybe_share(c::MARGIN_SHARE, "Product margin ÷ invoice revenue"),
    Column::optional(c::GMROI, Ratio, "Product margin ÷ average stock, per year"),
    Column::optional(c::TURN_EARN, Ratio, "Turns × margin in percent: 4 turns at 30 % are 120"),
    maybe_money(c::HOLDING_COST, "Holding rate × average stock × months ÷ 12; empty where no holding_rate is configured"),
    maybe_money(c::NET_OF_HOLDING, "Product margin less holding cost"),
}

table! { STOCK_CUSTOMER_GROUP = "stock_customer_group", Mart, "window × product group × level × key", "Which group's stock earns its keep: the stock of a product group shared out over customers by cost of goods sold, reserved stock to whom it is reserved, and added up by tier and market. Parts sum to the stock of the product group in `stock_turnover`; stock of groups that sold nothing stands under the empty key. Level customer is there in the main window only; windows without a stock count are left out, and so is cost without an order.";
    WINDOW,
    Column::key(c::PRODUCT_GROUP, Text, "Product group; empty for products without one").or(""),
    Column::key(c::LEVEL, Text, "What the key names").one_of(STOCK_CUSTOMER_LEVELS),
    Column::key(c::KEY, Text, "Tier, market, or customer; empty where not known, or where nobody bought").or(""),
    money(c::AVERAGE_STOCK, "Average stock at cost, its part"),
    money(c::RESERVED_STOCK, "Of which reserved or consigned"),
    money(c::COGS, "Cost of goods sold"),
    money(c::INVOICE_REVENUE, "Invoice revenue"),
    money(c::GROSS_MARGIN, "Product margin: invoice revenue less cost of goods sold"),
    Column::optional(c::TURNS, Ratio, "Cost of goods sold ÷ average stock, per year; empty without stock"),
    Column::optional(c::DAYS, Ratio, "365 ÷ turns").in_unit(Unit::Days),
    Column::optional(c::GMROI, Ratio, "Product margin ÷ average stock, per year"),
    maybe_money(c::HOLDING_COST, "Holding rate × average stock × months ÷ 12; empty where no holding_rate is configured"),
    money(c::NET_PROFIT, "Net profit of the product group with these customers, before holding cost"),
    maybe_money(c::NET_OF_HOLDING, "Net profit less holding cost"),
    Column::optional(c::EARNS_ITS_KEEP, Bool, "Whether net profit covers the holding cost; empty where no holding_rate is configured, and where there is no stock"),
}

table! { MARKET_SUMMARY = "market", Mart, "window × market × product group", "Product group × market (PMC): what is sold where, to how many of the market's customers, and what it earns.";
    WINDOW,
    Column::key(c::MARKET, Text, "Market; empty for customers without one").or(""),
    Column::key(c::PRODUCT_GROUP, Text, "Product group; empty where the product has none, and for cost without an order").or(""),
    count(c::CUSTOMERS, "Customers of the market that bought from the group: their invoice revenue in it is above zero"),
    count(c::MARKET_CUSTOMERS, "Active customers of the market"),
    maybe_share(c::PENETRATION, "Customers ÷ market customers; empty for the empty product group, which is none to buy from"),
    money(c::INVOICE_REVENUE, "Invoice revenue"),
    maybe_share(c::REVENUE_SHARE, "Share of all invoice revenue"),
    money(c::GROSS_MARGIN, "Gross margin"),
    maybe_share(c::MARGIN_SHARE, "Gross margin ÷ invoice revenue"),
    money(c::COST_TO_SERVE, "Cost-to-serve"),
    money(c::NET_PROFIT, "Net profit"),
}

table! { CROSS_SELL = "cross_sell", Mart, "window × customer × product group", "Product groups that at least half of a customer's peers (same market and tier) buy and it doesn't, in the main window, with the margin that the median buyer brings: for each customer a short list, the highest expected margin first. Who buys has invoice revenue above zero in the group.";
    WINDOW,
    CUSTOMER,
    Column::key(c::PRODUCT_GROUP, Text, "Product group that it doesn't buy"),
    Column::required(c::RANK, Integer, "Place in the customer's list: 1 has the highest expected margin").in_unit(Unit::Count),
    Column::required(c::PEER_GROUP, Text, "Market and tier, or tier where peers are fewer than five"),
    count(c::PEERS, "Other customers in the group"),
    count(c::BUYING_PEERS, "Of which buy from the product group"),
    Column::required(c::PEER_SHARE, Ratio, "Buying peers ÷ peers").in_unit(Unit::Share),
    Column::required(c::REVENUE_PART, Ratio, "Median part of the group in the revenue of the buying peers, to the millionth").in_unit(Unit::Share),
    money(c::EXPECTED_REVENUE, "Revenue part × the customer's invoice revenue"),
    money(c::EXPECTED_MARGIN, "Expected revenue × the group's margin share with the buying peers"),
}

table! { SUPPLIER_SUMMARY = "supplier", Mart, "window × supplier", "Suppliers of the products sold, and the takeover scenario: which cost the supplier would take over, and the value added that would be given away with it.";
    WINDOW,
    Column::key(c::SUPPLIER_ID, Text, "Supplier; empty where the product has none, and for cost without an order").or(""),
    count(c::LINES, "Order lines"),
    money(c::INVOICE_REVENUE, "Invoice revenue"),
    money(c::REBATES_RECEIVED, "Rebates received"),
    money(c::GROSS_MARGIN, "Gross margin"),
    maybe_share(c::MARGIN_SHARE, "Gross margin ÷ invoice revenue"),
    money(c::COST_TO_SERVE, "Cost-to-serve"),
    money(c::NET_PROFIT, "Net profit"),
    maybe_money(c::AVERAGE_STOCK, "Average stock of its products; empty where stock was not supplied"),
    maybe_money(c::HOLDING_COST, "Holding rate × average stock × months ÷ 12"),
    maybe_money(c::STOCK_AND_ORDER_COST, "Cost of the activities that vendor-managed inventory would take over; this and the columns that follow are empty where [segment.takeover] names no activities for them"),
    Column::optional(c::QUESTION_MINUTES, Decimal, "Minutes of the activities for standard questions").in_unit(Unit::Minutes),
    maybe_money(c::QUESTION_COST, "Their cost"),
    Column::optional(c::SUPPORT_MINUTES, Decimal, "Minutes of the activities for support").in_unit(Unit::Minutes),
    maybe_money(c::SUPPORT_COST, "Their cost"),
    maybe_money(c::TAKEOVER_SAVING, "What the supplier would take over: stock and order cost, holding cost, questions and support; empty for the empty supplier, who can take nothing over"),
    maybe_money(c::AVOIDABLE_SAVING, "Of which really saved: the avoidable share of each pool, and the holding cost; the rest only frees capacity"),
    maybe_money(c::VALUE_ADDED_GIVEN_AWAY, "Gross margin × taken over ÷ (cost-to-serve and holding cost): the margin that these tasks earn, which the supplier will ask for; zero where there is no margin"),
    maybe_money(c::TAKEOVER_RESULT, "Avoidable saving less value added given away"),
}
