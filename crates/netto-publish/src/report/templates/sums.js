// Sections of orders, stock and the assortment for a choice of customers: summed over groups of customers that no filter distinguishes.
const { sums } = lists, alike = new Map();
everyone.forEach(one => {
  const key = [one.tier, one.market, one.rep, ...(sums.apart > 3 ? [one.group.join('\n')] : [])].join('\r');
  if (!alike.has(key)) alike.set(key, alike.size);
  one.alike = alike.get(key);
});
// The rows of a table that belong to a choice, each with its subject and one customer of its group.
const keptOf = new WeakMap();
const rowsOf = (name, chosen) => {
  if (!keptOf.has(chosen)) keptOf.set(chosen, new Map(chosen.map(one => [one.alike, one])));
  const { of, columns, rows } = sums[name] || { rows: [] }, kept = keptOf.get(chosen);
  return rows.filter(([whose]) => kept.has(whose)).map(row => {
    const found = { one: kept.get(row[0]), place: row[1], of: of[row[1]] };
    columns.forEach((column, index) => { found[column] = row[index + 2]; });
    return found;
  });
};
const isAmount = (name, value) => typeof value === 'number' && name !== 'place' && name !== 'key';
const sumOf = rows => {
  const sum = {};
  rows.forEach(row => { for (const name in row) if (isAmount(name, row[name])) sum[name] = (sum[name] || 0) + row[name]; });
  return sum;
};
// Rows summed by a key, in the order of the keys.
const gathered = (rows, key) => {
  const by = new Map();
  rows.forEach(row => { const of = key(row); by.has(of) ? by.get(of).push(row) : by.set(of, [row]); });
  return [...by].sort(([one], [other]) => one < other ? -1 : 1).map(([of, rows]) => ({ ...sumOf(rows), key: of, of: rows[0].of }));
};
const byPlace = (name, chosen) => gathered(rowsOf(name, chosen), row => row.place);
const byTier = rows => gathered(rows, row => row.one.level).map(sum => ({ ...sum, of: tiers[sum.key] }));
const byText = (one, other) => one < other ? -1 : one > other ? 1 : 0;
// A column that can't be summed: the part, the whole, and whether that covers all rows; shares are percent, the others have a decimal.
const shares = {
  order_share: ['orders', 'orders', true], revenue_share: ['invoice_revenue', 'invoice_revenue', true], loss_order_share: ['loss_orders', 'orders'], margin_share: ['gross_margin', 'invoice_revenue'],
  electronic_share: ['electronic_orders', 'orders'], electronic_line_share: ['electronic_lines', 'lines'], late_share: ['lines_late', 'lines_promised'],
};
const averages = { average_days_late: ['days_late', 'lines_late'], average_lead_days: ['lead_days', 'lines_promised'] };
const counted = ['customers', 'orders', 'lines', 'lines_promised', 'lines_late'];
const cellOf = (sum, all) => column => {
  if (shares[column]) {
    const [part, whole, ofAll] = shares[column], share = ratio(sum[part], (ofAll ? all : sum)[whole]);
    return share === null ? none : percent(share);
  }
  if (averages[column]) {
    const [part, whole] = averages[column], average = ratio(sum[part], sum[whole]);
    return average === null ? none : decimals(average, 1);
  }
  return counted.includes(column) ? grouped(sum[column]) : sum[column] === undefined ? none : amountOf(sum[column]);
};
// A table by the subject of its rows, with the same columns.
const tableOf = (part, rows) => {
  const all = sumOf(rows);
  return refilled(part, rows.map(row => [[row.of, ...byColumn(part, cellOf(row, all))]]));
};
const inDetails = (section, summary) => [...section.querySelectorAll(':scope > details')].find(part => part.querySelector('summary').textContent === summary);
// The amounts that no row of orders has.
const restOf = (section, rows, chosen) => {
  const note = part(section, 'p:not(.topic,.reading,.tools,.of)');
  if (!note) return [];
  const profit = total(chosen, 'profit'), cost = sumOf(rows).net_profit - profit;
  return [[note, cost > 0 ? element('p', '', say('The cost of customers without an order, {cost}, is in no row: with it the rows add up to the net profit of customers, {profit}.', { cost: money(cost), profit: money(profit) })) : null]];
};
// A number with its bar beneath it.
const barred = (made, rows, column) => {
  const place = made && heads(made.querySelector('table')).findIndex(head => head.dataset.column === column);
  if (!(place > 0)) return made;
  const largest = most(rows.map(row => Math.abs(row[column])), 0);
  [...made.querySelector('tbody').rows].forEach((row, index) => {
    const bar = element('span', 'bar'), length = element('i');
    length.style.width = Math.abs(rows[index][column]) / (largest || 1) * 100 + '%';
    bar.setAttribute('aria-hidden', true);
    bar.append(length);
    row.cells[place].append(bar);
  });
  return made;
};

// A matrix, coloured by size: `shown` returns the amount and small print of a cell.
const heatMap = (part, down, across, found, largest, shown, foot) => {
  const hot = (row, key) => {
    const sum = found(row, key);
    if (!sum) return none;
    const [amount, small] = shown(sum);
    return { t: toUnit(amount), s: small, h: Math.min(1, Math.sqrt(Math.abs(amount) / (largest || 1))).toFixed(2) };
  };
  const made = refilled(part, down.map(([row, name, ...more]) => [[name, ...across.map(([key]) => hot(row, key)), ...more]]), foot);
  if (made) {
    const top = made.querySelector('thead tr'), [corner] = top.cells, last = down[0].length > 2 ? [...top.cells].slice(-1) : [];
    top.replaceChildren(corner, ...across.map(([, name]) => { const head = element('th', '', name); head.scope = 'col'; return head; }), ...last);
  }
  return made;
};
const cross = rows => {
  const found = new Map(gathered(rows, row => `${row.of}\n${row.across}`).map(sum => [sum.key, sum]));
  return (of, across) => found.get(`${of}\n${across}`);
};

// Which stock earns its keep, as `stock_customer_group` says.
const left = sum => sum.gross_margin - sum.order_level_cost - (sum.holding_cost || 0);
const verdict = sum => {
  const { average_stock, gross_margin, order_level_cost, holding_cost } = sum;
  if (average_stock <= 0 || holding_cost === undefined) return null;
  if (gross_margin - order_level_cost >= holding_cost) return 'earns';
  return gross_margin < 0 ? 'below cost' : gross_margin < order_level_cost || gross_margin >= holding_cost ? 'order handling' : 'stock';
};
const [MOST_GROUPS, MOST_KEYS] = [60, 30];

const summed = {
  'order-size': ['sizes', (section, chosen) => {
    const rows = byPlace('sizes', chosen), all = sumOf(rowsOf('sizes', chosen)), [table] = section.querySelectorAll(':scope > .scroll');
    const finding = knowsProfit
      ? say('{share} of the orders lose money: {amount} together', { share: percent(ratio(all.loss_orders, all.orders)), amount: money(Math.abs(all.loss_amount)) })
      : several(all.orders, '{n} order brings {amount}', '{n} orders bring {amount}', { amount: money(all.invoice_revenue) });
    return [finding, [[table, barred(tableOf(table, rows), rows, 'net_profit')], ...restOf(section, rowsOf('sizes', chosen), chosen)]];
  }],
  channels: ['channels', (section, chosen) => {
    const byChannel = byPlace('channels', chosen), who = rowsOf('electronic', chosen), all = sumOf(who), [table, ofTiers] = section.querySelectorAll(':scope > .scroll');
    const saving = knowsProfit && all.channel_saving !== undefined ? say('; moving the others would save {amount}', { amount: money(all.channel_saving) }) : '';
    return [say('{share} of the orders come in electronically', { share: percent(ratio(all.electronic_orders, all.orders)) }) + saving, [
      [table, tableOf(table, byChannel)], ...restOf(section, rowsOf('channels', chosen), chosen), ...(ofTiers ? [[ofTiers, tableOf(ofTiers, byTier(who))]] : []),
    ]];
  }],
  service: ['kinds', (section, chosen) => {
    const speed = rowsOf('delivery', chosen), kinds = byPlace('kinds', chosen).map(({ of: [of, kind], ...sum }) => ({ ...sum, of, kind })), tierRows = byTier(speed), all = sumOf(speed);
    const services = sumOf(kinds.filter(({ kind }) => kind === 'service'));
    const [best] = tierRows.filter(sum => sum.lines_promised > 0).sort((one, other) => one.lines_late / one.lines_promised - other.lines_late / other.lines_promised);
    const finding = best
      ? say('{share} of the lines came late', { share: percent(ratio(all.lines_late, all.lines_promised)) }) + say('; least often for {tier} customers, {share}', { tier: best.of, share: percent(ratio(best.lines_late, best.lines_promised)) })
      : say('Services bring {revenue} of revenue and leave {amount}', { revenue: money(services.invoice_revenue || 0), amount: money(services.net_before_customer_cost || 0) });
    const named = (caption, rows) => { const table = captioned(section, caption); return table ? [[table, tableOf(table, rows)]] : []; };
    const months = inDetails(section, say('Month by month'));
    return [finding, [
      ...named(say('Promised against delivered, by tier.'), tierRows), ...named(say('From stock, and direct from the supplier.'), byPlace('delivery', chosen)),
      ...(months ? [[months, tableOf(months, byPlace('months', chosen))]] : []),
      ...named(say('Goods, services and assemblies, from stock and direct from suppliers.'), kinds),
    ]];
  }],
  services: ['services', (section, chosen) => {
    const rows = rowsOf('services', chosen), all = sumOf(rows);
    const finding = say('Services and assemblies bring {revenue} of revenue', { revenue: money(all.invoice_revenue) }) + (knowsProfit ? say(' and {profit} of net profit', { profit: money(all.net_profit) }) : '');
    const table = (part, key, name) => {
      const found = gathered(rows, row => `${key(row.one)}\n${row.place}`);
      return part ? [[part, refilled(part, found.map(sum => [[name(sum.key.split('\n')[0]), { t: sum.of, k: 'left' }, ...byColumn(part, cellOf(sum, all)).slice(1)]]))]] : [];
    };
    return [finding, [...table(captioned(section, say('By tier.')), one => one.level, level => tiers[level]), ...table(captioned(section, say('By market.')), one => one.market, market => market)]];
  }],
  stock: ['stock', (section, chosen) => {
    const rows = rowsOf('stock', chosen), nameOf = group => group || say('no product group'), written = sum => say('stock {amount}', { amount: toUnit(sum.average_stock) });
    const maps = [...section.querySelectorAll(':scope > :is(.scroll, details)')].filter(part => part.querySelector('.heatmap'));
    const map = (part, keyOf, names) => {
      const placed = rows.map(row => ({ ...row, across: keyOf(row.one) })), totals = gathered(placed, row => row.across), largest = gathered(placed, row => `${row.of}\n${row.across}`).map(sum => Math.abs(left(sum)));
      const byStock = (one, other) => other.average_stock - one.average_stock || byText(one.key, other.key);
      const across = totals.sort(byStock).slice(0, MOST_KEYS).map(({ key }) => key).sort(names ? (one, other) => one - other : (one, other) => (one === '') - (other === '') || byText(one, other));
      const groups = gathered(placed, row => row.of).filter(sum => sum.average_stock > 0).sort(byStock).slice(0, MOST_GROUPS).map(({ key }) => key).sort(byText);
      return heatMap(part, groups.map(group => [group, nameOf(group)]), across.map(key => [key, names ? names[key] : key || say('not known')]), cross(placed), most(largest, 0), sum => [left(sum), written(sum)]);
    };
    const stocks = gathered(rows, row => `${row.of}\n${row.one.level}`).map(sum => { const [group, level] = sum.key.split('\n'); return { ...sum, group, tier: tiers[level], verdict: verdict(sum) }; });
    const judged = stocks.filter(sum => sum.verdict), failing = judged.filter(sum => sum.verdict === 'stock').sort((one, other) => left(one) - left(other) || byText(one.group, other.group));
    const whose = sum => say('{group} for {customers}', { group: nameOf(sum.group), customers: sum.tier });
    const finding = !judged.length ? say('{amount} of stock; its holding cost is not configured', { amount: money(sumOf(rows).average_stock || 0) })
      : !failing.length ? several(judged.length, 'The stock of the only product group × tier pays for itself', 'The stock of all {n} product group × tier pays for itself')
        : say('{n} of {all} stocks don\'t pay for themselves: {amount} of goods; the worst is {worst}', { n: grouped(failing.length), all: grouped(judged.length), amount: money(total(failing, 'average_stock')), worst: whose(failing[0]) });
    const list = captioned(section, say('The stock that is farthest from paying for itself.')), year = 12 / months;
    const cells = sum => column => {
      const turns = ratio(sum.cogs * year, sum.average_stock), shown = { turns, days: turns > 0 ? 365 / turns : null };
      return column in shown ? shown[column] === null ? none : decimals(shown[column], 1) : amountOf(column === 'net_of_holding' ? left(sum) : sum[column]);
    };
    const [ofTiers, ofMarkets] = maps, made = map(ofTiers, one => one.level, tiers);
    if (made && heads(ofTiers.querySelector('table')).some(head => head.textContent === say('not sold'))) made.append(element('p', 'note', say('Stock that no customer bought belongs to no customer, so it is part of no choice.')));
    return [finding, [
      [ofTiers, made], ...(list ? [[list, refilled(list, few(failing).map(sum => [[whose(sum), ...byColumn(list, cells(sum))]]))]] : []),
      ...(ofMarkets ? [[ofMarkets, map(ofMarkets, one => one.market)]] : []),
    ]];
  }],
  markets: ['markets', (section, chosen) => {
    const rows = rowsOf('markets', chosen).map(row => ({ ...row, across: row.one.market })), earned = 'net_before_customer_cost', nameOf = market => market || say('no market');
    const buyers = new Map(gathered(active(chosen).map(one => ({ one, place: 0, of: '', customers: 1 })), row => row.one.market).map(({ key, customers }) => [key, customers]));
    const ranked = key => gathered(rows, key).sort((one, other) => (one.key === '') - (other.key === '') || other.invoice_revenue - one.invoice_revenue || byText(one.key, other.key)).map(({ key }) => key);
    const groups = ranked(row => row.of).slice(0, MOST_GROUPS), markets = ranked(row => row.across).slice(0, MOST_KEYS), table = part(section, '.scroll'), find = cross(rows);
    const cells = gathered(rows, row => `${row.of}\n${row.across}`).map(sum => { const [group, market] = sum.key.split('\n'); return { ...sum, group, market }; });
    const sold = cells.filter(sum => sum.group), [best] = [...sold].sort((one, other) => other[earned] - one[earned] || byText(one.market, other.market) || byText(one.group, other.group)), losing = sold.filter(sum => sum[earned] < 0);
    if (!best) return null;
    const values = { group: best.group, market: nameOf(best.market), amount: money(best[earned]) };
    const start = knowsProfit ? say('{group} in {market} earns most, {amount}', values) : say('{group} in {market} leaves the largest margin, {amount}', values);
    const end = losing.length ? say('; {n} of {all} combinations lose {amount}', { n: grouped(losing.length), all: grouped(sold.length), amount: money(-total(losing, earned)) }) : '';
    const sum = (key, value) => amountOf(total(rows.filter(row => row[key] === value), earned));
    const bought = sum => {
      const [group, market] = sum.key.split('\n'), share = group ? ratio(sum.customers, buyers.get(market) || 0) : null;
      return [sum[earned], share > 0 ? say('{share} buy', { share: percent(share) }) : ''];
    };
    const made = heatMap(table, groups.map(group => [group, group || say('no product group, or no order'), sum('of', group)]), markets.map(market => [market, nameOf(market)]), find, most(cells.map(sum => Math.abs(sum[earned])), 0), bought, [say('All'), ...markets.map(market => sum('across', market)), amountOf(total(rows, earned))]);
    return [start + end, [[table, made]]];
  }],
};

// Lists of customers: the first ones of a choice, from the longer list behind the one that is shown.
const people = new Map(everyone.map(one => [one.id, one]));
const listsOf = (section, chosen) => {
  const tables = section.querySelectorAll(':scope > .scroll:not(.of-choice)'), ids = new Set(chosen.map(one => one.id));
  return (lists.lists[section.id] || []).map(([place, most, lines]) => [tables[place], refilled(tables[place], lines.filter(([id]) => ids.has(id)).slice(0, most).map(([id, ...cells]) => [cells, people.get(id)]))]);
};
// The finding of a list that counts all its customers.
const ofLists = {
  slipping: ({ customers, revenue_at_stake, margin_at_stake, gone }) => {
    const start = knowsMargin
      ? several(customers, '{n} customer hasn\'t ordered for longer than ever before: {amount} of margin a year is at stake', '{n} customers haven\'t ordered for longer than ever before: {amount} of margin a year is at stake', { amount: money(margin_at_stake) })
      : several(customers, '{n} customer hasn\'t ordered for longer than ever before: {amount} of revenue a year is at stake', '{n} customers haven\'t ordered for longer than ever before: {amount} of revenue a year is at stake', { amount: money(revenue_at_stake) });
    return start + (gone ? say('; {n} of them for more than a year', { n: gone }) : '');
  },
  overdue: ({ customers, open_amount, overdue_amount }) => customers
    ? several(customers, '{n} customer is late with {amount}, {share} of what is still to be paid', '{n} customers are late with {amount}, {share} of what is still to be paid', { amount: money(overdue_amount), share: percent(ratio(overdue_amount, open_amount)) })
    : say('Nothing is overdue; {amount} is still to be paid', { amount: money(open_amount) }),
  'steps-up': ({ customers, extra_profit, extra_margin }) => several(customers, '{n} customer can move up a tier', '{n} customers can move up a tier')
    + (knowsProfit ? say(': {low} to {high} a year, if all did', { low: money(extra_profit), high: money(extra_margin) }) : ''),
  'cross-sell': ({ customers, expected_profit }) => several(customers, '{n} customer lacks a product group that most of its peers buy: {amount} of net profit', '{n} customers lack a product group that most of their peers buy: {amount} of net profit', { amount: money(expected_profit) }),
};
Object.entries(ofLists).forEach(([id, found]) => {
  summed[id] = [id, (section, chosen) => {
    const rows = rowsOf(id, chosen), [list] = section.querySelectorAll(':scope > .scroll');
    if (!rows.length) return null;
    const swaps = listsOf(section, chosen), own = () => [...list.querySelectorAll('tbody tr')].filter(row => !row.matches('.out')).map(row => row.cloneNode(true));
    return [found(sumOf(rows)), swaps.length ? swaps : [[list, refilled(list, own())]]];
  }];
});
Object.entries(summed).forEach(([id, [table, draw]]) => { if (sums[table]) followed[id] = draw; });
// If there are too many groups of alike customers, these sections don't follow the choice of a product group.
const tellsApart = (section, { group }) => !group || sums.apart > 3 || !Object.hasOwn(summed, section.id);
