// Sections for a choice of customers: the same words, figures and charts as for all customers, summed from each customer's figures. They replace the section
// for all customers, which returns when the choice is cleared.
if (!window.DecompressionStream) {
  by('too-old').hidden = false;
  document.querySelectorAll('.filter, .search').forEach(part => { part.hidden = true; });
  document.querySelector('main').removeAttribute('aria-busy');
  return;
}
const lists = await unpacked('everyone'), { tiers, markets, reps, months } = lists;
const everyone = lists.customers.map(([id, name, region, level, market, rep, groups, orders, revenue, margin, cost, profit, minutes, potential, kinds, gap, before]) => ({
  id, name, region, level, tier: tiers[level], market: markets[market], rep: reps[rep], group: groups ? groups.split(' ').map(place => data.groups[place]) : [],
  orders, revenue, margin, cost, profit, minutes, potential, stratum: kinds[0], quadrant: kinds[1], reasons: kinds.slice(2), gap, before, remedy: lists.remedies.of[id],
}));
const knowsMargin = everyone.some(one => one.margin !== null), knowsProfit = everyone.some(one => one.profit !== null);
// The tiers of customers, followed by the tier of unknown customers.
const TIERS = 5, [LARGE, SMALL, INACTIVE] = [1, 3, 4];
const placeOf = ({ id, market, region }) => [id, market, region].filter(Boolean).join(' · ');
const byId = (one, other) => one.id < other.id ? -1 : 1;
const largest = (customers, size) => [...customers].sort((one, other) => size(other) - size(one) || byId(one, other));
const total = (customers, what) => customers.reduce((sum, one) => sum + one[what], 0);
const active = customers => customers.filter(one => one.orders > 0 && one.level < TIERS);
const losing = customers => customers.filter(one => one.profit < 0 && one.level < TIERS);

// Cells: an amount, with its share of a whole beneath it.
const amountOf = (units, share = null) => ({ t: toUnit(units), s: share === null ? '' : percent(share), k: units ? '' : 'nil' });
const amountAndShare = what => (customers, all) => amountOf(total(customers, what), ratio(total(customers, what), total(all, what)));
const hours = minutes => {
  const tenths = rounded(minutes, 60000);
  return minutes >= 1 && minutes < 6e6 ? grouped(Math.floor(tenths / 10)) + data.decimal + tenths % 10 : signed(rounded(minutes, 600000));
};
const none = { t: '–', k: 'nil' };
// The sum of a table's column, by its name in the marts.
const columns = {
  customers: customers => grouped(customers.length),
  invoice_revenue: amountAndShare('revenue'), gross_margin: amountAndShare('margin'), cost_to_serve: amountAndShare('cost'), net_profit: amountAndShare('profit'),
  loss_customers: customers => grouped(losing(customers).length),
  minutes: (customers, all) => ({ t: hours(total(customers, 'minutes')), s: percent(ratio(total(customers, 'minutes'), total(all, 'minutes'))).replace('–', '') }),
  potential: customers => customers.some(one => one.potential !== null) ? amountOf(total(customers, 'potential')) : none,
  share_of_wallet: customers => {
    const share = ratio(rounded(total(customers.filter(one => one.potential !== null), 'revenue') * 12, months), total(customers, 'potential'));
    return share === null ? none : percent(share);
  },
};

const heads = table => [...table.tHead.rows[0].cells];
// A table of all customers with other lines, each with its cells and its customer; nothing without lines.
const refilled = (part, lines, foot) => {
  if (!lines.length) return null;
  const made = part.cloneNode(true), table = made.querySelector('table'), body = element('tbody');
  heads(table).forEach(head => head.removeAttribute('aria-sort'));
  const row = (cells, customer) => {
    const made = element('tr');
    made.append(...cells.map((given, column) => {
      const one = cell(column ? 'td' : 'th', given), head = heads(table)[column];
      if (!column) one.scope = 'row';
      if (head?.matches('.left') && (column || !customer)) one.classList.add('left');
      return one;
    }));
    if (customer && hasPage(customer.id)) {
      const button = element('button', '', customer.name);
      button.type = 'button';
      made.dataset.customer = customer.id;
      made.cells[0].firstChild.replaceWith(button);
    }
    return made;
  };
  body.append(...lines.map(line => line instanceof Node ? line : row(...line)));
  [...table.tBodies].forEach(old => old.remove());
  table.tHead.after(body);
  if (foot) table.tFoot.replaceChildren(row(foot));
  return made;
};
const named = (one, cells) => [[{ t: one.name, s: one.name === one.id ? '' : one.id }, ...cells], one];
// Cells in the order of a table's columns.
const byColumn = (part, written) => heads(part.querySelector('table')).map(head => head.dataset.column).filter(Boolean).map(written);
const figureOf = (figure, chart, caption) => {
  const made = element('figure');
  made.append(chart);
  if (caption) made.append(element('figcaption', '', caption));
  else if (figure.querySelector('figcaption')) made.append(figure.querySelector('figcaption').cloneNode(true));
  return made;
};
const captioned = (section, caption) => [...section.querySelectorAll(':scope > .scroll')].find(part => part.querySelector('caption')?.textContent === caption);
const part = (section, selector) => section.querySelector(`:scope > ${selector}`);

// The largest customers that together bring four fifths of their revenue: those above the last fifth.
const tail = customers => {
  const ranked = largest(customers, one => one.revenue), all = total(ranked, 'revenue'), last = [];
  let above = 0;
  ranked.forEach(one => {
    if (above * 5 >= all * 4) last.push(one);
    above += one.revenue;
  });
  return last;
};
// By percent of customers, ranked by revenue: the shares that they hold together.
const concentrated = customers => {
  const ranked = largest(active(customers), one => one.revenue), known = ['revenue', ...(knowsMargin ? ['margin'] : []), ...(knowsProfit ? ['cost', 'profit'] : [])];
  const sums = known.map(what => { let sum = 0; return ranked.map(one => sum += one[what]); });
  return Array.from({ length: ranked.length && 100 }, (_, place) => {
    const percentile = place + 1, customers = Math.ceil(ranked.length * percentile / 100);
    return { percentile, customers, ...Object.fromEntries(known.map((what, index) => [what, ratio(sums[index][customers - 1], sums[index].at(-1))])) };
  });
};
// 0 if all buy the same, near 1 if one buys everything.
const gini = customers => {
  const rising = active(customers).sort((one, other) => one.revenue - other.revenue || byId(one, other)), all = total(rising, 'revenue');
  if (all <= 0 || rising[0].revenue < 0) return null;
  const weighted = rising.reduce((sum, one, place) => sum + BigInt(place + 1) * BigInt(one.revenue), 0n);
  return 2 * Number(weighted) / (rising.length * all) - (rising.length + 1) / rising.length;
};
const few = customers => customers.slice(0, 10);

// By section: its finding, and the parts that replace its own; nothing if the choice has no customer that belongs there.
const followed = {
  pyramid: (section, chosen) => {
    const of = tiers.map((_, level) => chosen.filter(one => one.level === level)), known = of.map((customers, level) => [level, customers]).filter(([level, customers]) => level < TIERS && customers.length);
    const loses = customers => knowsProfit && total(customers, 'profit') < 0, revenue = total(chosen, 'revenue');
    const label = customers => {
      const [n, share] = [grouped(customers.length), ratio(total(customers, 'revenue'), revenue)];
      return share > 0 ? say('{n} · {share} of revenue', { n, share: percent(share) }) : n;
    };
    const first = [...of[0], ...of[LARGE]], [small, left] = [of[SMALL].length, knowsProfit ? total(of[SMALL], 'profit') : 0];
    const start = several(first.length, 'The first customer, Top and Large, brings {share} of revenue', 'The first {n} customers, Top and Large, bring {share} of revenue', { share: percent(ratio(total(first, 'revenue'), revenue)) });
    const rest = !knowsProfit || !small ? '' : left < 0 ? say('; {n} small ones together lose {amount}', { n: grouped(small), amount: money(-left) }) : say('; {n} small ones leave {amount}', { n: grouped(small), amount: money(left) });
    const lines = (part, levels) => levels.map(([level, customers]) => [[tiers[level], ...byColumn(part, column => columns[column](customers, chosen))]]);
    const [table, ...others] = [...section.querySelectorAll(':scope > .scroll')], stranger = others.find(part => part.querySelector('tbody th').textContent === tiers[TIERS]);
    const groups = [...section.querySelectorAll(':scope > details')].map(part => {
      const what = part.querySelector('summary').textContent === say('The pyramid by market') ? 'market' : 'region', named = heads(part.querySelector('table')).slice(1).map(head => head.textContent);
      const keys = [...new Set(chosen.map(one => one[what] || ''))].sort(), inside = keys.map(key => [key, chosen.filter(one => (one[what] || '') === key)]).sort(([, one], [, other]) => total(other, 'revenue') - total(one, 'revenue'));
      const amounts = ['revenue', ...(knowsProfit ? ['cost', 'profit'] : [])], written = (customers, head) => {
        const found = customers.filter(one => one.tier === head).length;
        return found ? grouped(found) : none;
      };
      return [part, refilled(part, inside.map(([key, customers]) => [[key || (what === 'market' ? say('no market') : say('no region')), ...named.slice(0, -amounts.length).map(head => written(customers, head)), ...amounts.map(what => amountOf(total(customers, what)))]]))];
    });
    return [start + rest, [
      [part(section, 'figure'), known.length ? figureOf(part(section, 'figure'), layers(say('The customer pyramid'), known.map(([level, customers]) => [tiers[level], label(customers), loses(customers)])), known.some(([, customers]) => loses(customers)) ? say('Orange: tiers that lose money.') : '') : null],
      [table, refilled(table, lines(table, known))],
      ...(stranger ? [[stranger, of[TIERS] ? refilled(stranger, lines(stranger, [[TIERS, of[TIERS]]].filter(([, customers]) => customers.length))) : null]] : []),
      ...groups,
    ]];
  },
  concentration: (section, chosen) => {
    const rows = concentrated(chosen);
    if (!rows.length) return null;
    const known = [['revenue', say('Revenue'), true], ['margin', say('Gross margin'), knowsMargin], ['cost', say('Cost-to-serve'), knowsProfit]].filter(([, , isKnown]) => isKnown);
    const lines = known.map(([what]) => [what, [[0, 0], ...rows.filter(row => row[what] !== null).map(row => [row.percentile / 100, row[what]])]]);
    const values = lines.flatMap(([, line]) => line.map(([, value]) => value));
    const first = percentile => say('First {percent}', { percent: percentile + data.percent });
    const tips = rows.filter(({ percentile }) => [1, 5].includes(percentile) || percentile % 10 === 0).filter(row => row.revenue !== null)
      .map(row => [row.percentile / 100, row.revenue, `${first(row.percentile)}: ${known.map(([what, name]) => `${name} ${percent(row[what])}`).join(' · ')}`]);
    const chart = curves({
      title: say('Cumulative share of revenue, gross margin and cost-to-serve, customers by revenue'), across: say('Customers by revenue'), up: say('Share of the total'),
      low: least(values, 0), high: most(values, 1), rules: [0, 20, 40, 60, 80, 100].map(whole => [whole / 100, whole ? '' : 'zero', whole + data.percent]), lines, tips,
    });
    const equal = gini(chosen);
    const caption = [say('Solid: revenue.'), knowsMargin && say('Dashed: gross margin.'), knowsProfit && say('Dotted: cost-to-serve.'), say('Gini of revenue {n}: 0 is equal, 1 is all with one.', { n: equal === null ? '–' : decimals(equal, 2) })].filter(Boolean).join(' ');
    const details = part(section, 'details'), shares = { revenue_share: 'revenue', margin_share: 'margin', cost_share: 'cost', profit_share: 'profit' };
    const written = row => byColumn(details, column => column === 'customers' ? grouped(row.customers) : row[shares[column]] === null ? none : percent(row[shares[column]]));
    const customers = active(chosen), bring = say('20 % of the customers bring {share} of revenue', { share: percent(rows[19].revenue) });
    const taken = knowsProfit ? say('; the last 20 % of revenue takes {share} of the cost to serve', { share: percent(ratio(total(tail(customers), 'cost'), total(customers, 'cost'))) }) : '';
    return [bring + taken, [
      [part(section, 'figure'), figureOf(part(section, 'figure'), chart, caption)],
      [details, refilled(details, rows.filter(({ percentile }) => [1, 5, 10, 20, 50, 80, 100].includes(percentile)).map(row => [[first(row.percentile), ...written(row)]]))],
    ]];
  },
  whale: (section, chosen) => {
    const known = chosen.filter(one => one.level < TIERS), ranked = largest(known.filter(one => one.orders > 0 || one.profit), one => one.profit);
    if (!ranked.length) return null;
    let sum = 0;
    const points = ranked.map((one, place) => [(place + 1) / ranked.length, sum += one.profit, place + 1]), line = [[0, 0], ...thinned(points, 600)];
    const earning = known.filter(one => one.profit > 0), [peak, all] = [total(earning, 'profit'), total(chosen, 'profit')];
    const low = least(line.map(([, up]) => up), 0), high = most(line.map(([, up]) => up), peak), far = units => Math.abs(units) > (high - low) * .06, of = Math.max(peak, Math.abs(all));
    const chart = curves({
      title: say('Whale curve: cumulative net profit, customers by net profit'), across: say('Customers by net profit'), up: axis(say('Cumulative net profit'), of), low, high, area: true,
      rules: [[0, 'zero', '0'], [peak, 'peak', onAxis(peak, of)], [all, 'total', far(peak - all) && far(all) ? onAxis(all, of) : '']], lines: [['profit', line]],
      tips: thinned(points, 10).map(([across, up, rank]) => [across, up, say('First {n} customers: {amount}', { n: grouped(rank), amount: money(up) })]),
    });
    const earned = several(earning.length, '{n} customer earns {amount}', '{n} customers earn {amount}', { amount: money(peak) });
    const taken = peak === all ? say('; no customer reduces it') : say('; the others reduce it by {amount}', { amount: money(peak - all) });
    const turned = known.reduce((sum, one) => sum + Math.abs(one.profit), 0), left = total(known, 'profit');
    const start = say('{n} customers earn {peak} together, the peak. All customers leave {total}', { n: grouped(earning.length), peak: money(peak), total: money(all) });
    const note = left * 100 > turned ? say(': the peak is {share} of the total, and {kept} of it is kept.', { share: percent(ratio(peak, left)), kept: percent(ratio(left, peak)) }) : say('. The total is near or below zero, so only amounts are shown: shares of it would mislead.');
    return [earned + taken, [[part(section, 'figure'), figureOf(part(section, 'figure'), chart)], [part(section, 'p:not(.topic,.reading,.tools,.of)'), element('p', '', start + note)]]];
  },
  best: (section, chosen) => {
    const earned = knowsProfit ? 'profit' : 'margin', ranked = [...chosen].sort((one, other) => other[earned] - one[earned]), worst = [...ranked].reverse();
    const values = { best: ranked[0].name, most: money(ranked[0][earned]), worst: worst[0].name, least: money(worst[0][earned]) };
    const finding = knowsProfit ? say('{best} earns most, {most}, {worst} least, {least}', values) : say('{best} leaves most, {most}, {worst} least, {least}', values);
    return [finding, [...section.querySelectorAll(':scope > .scroll')].map((part, place) => [part, refilled(part, few(place ? worst : ranked).map(rowOf))])];
  },
  strata: (section, chosen) => {
    const of = lists.strata.map((_, place) => chosen.filter(one => one.stratum === String(place))), [kinds, table] = section.querySelectorAll(':scope > .scroll'), drains = of[3];
    const finding = several(drains.length, '{n} customer buys much and regularly, and loses {loss}; the core earns {core}', '{n} customers buy much and regularly, and lose {loss}; the core earns {core}', { loss: money(-total(drains, 'profit')), core: money(total(of[0], 'profit')) });
    const words = one => [...one.reasons].map(place => lists.measures[place]).join(', ') || '–';
    return [finding, [
      [kinds, refilled(kinds, of.map((customers, place) => [[lists.strata[place], grouped(customers.length), ...['revenue', 'margin', 'cost', 'profit'].map(what => amountOf(total(customers, what)))]]))],
      ...(table ? [[table, refilled(table, largest(drains, one => -one.profit).slice(0, 15).map(one => named(one, [one.tier, amountOf(one.revenue), amountOf(one.profit), words(one)])))]] : []),
    ]];
  },
  quadrants: (section, chosen) => {
    const of = lists.quadrants.map((_, place) => chosen.filter(one => one.quadrant === String(place))), kinds = part(section, '.scroll'), details = part(section, 'details'), last = of[3];
    const finding = several(last.length, '{n} customer pays little and asks much: it leaves {amount}', '{n} customers pay little and ask much: together they leave {amount}', { amount: money(total(last, 'profit')) });
    const advice = [...kinds.querySelectorAll('tbody tr')].map(row => row.cells[6].textContent);
    const placed = chosen.filter(one => one.gap), drawn = largest(largest(placed, one => Math.abs(one.profit)).slice(0, 400), one => Math.abs(one.revenue));
    const text = one => say('{customer}: margin {margin} ({above}), cost-to-serve {cost} ({beyond}), net profit {amount}', { customer: one.name, margin: percent(ratio(one.margin, one.revenue)), above: points(one.gap[1]), cost: percent(ratio(one.cost, one.revenue)), beyond: points(one.gap[0]), amount: toUnit(one.profit) });
    const dots = drawn.map(one => ({ across: one.gap[0], up: one.gap[1], size: ratio(Math.max(0, one.revenue), drawn[0].revenue) || 0, losing: one.profit < 0, text: text(one), opens: hasPage(one.id) && one.id }));
    const chart = scatter({ title: say('Margin and cost of each customer against its peers'), across: say('Cost-to-serve against peers, points of revenue'), up: say('Gross margin against peers, points of revenue'), corners: lists.quadrants, dots });
    const legend = say('Each circle is a customer; the larger it is, the more the customer buys, and orange customers lose money. In brackets: points more or less than its peers, which are at zero. Customers far outside are drawn at the edge.');
    const shares = { margin_share: one => percent(ratio(one.margin, one.revenue)), cost_share: one => percent(ratio(one.cost, one.revenue)) }, sums = { invoice_revenue: 'revenue', cost_to_serve: 'cost', net_profit: 'profit' };
    const worst = few(largest(last.filter(one => one.profit < 0), one => -one.profit)), line = one => named(one, byColumn(details, column => shares[column] ? shares[column](one) : amountOf(one[sums[column]])));
    return [finding, [
      [part(section, 'figure'), dots.length ? figureOf(part(section, 'figure'), chart, placed.length > 400 ? `${legend} ${say('The chart shows the {n} with the net profit farthest from zero.', { n: 400 })}` : legend) : null],
      [kinds, refilled(kinds, of.map((customers, place) => [[lists.quadrants[place], grouped(customers.length), ...['revenue', 'margin', 'cost', 'profit'].map(what => amountOf(total(customers, what))), advice[place]]]))],
      ...(details ? [[details, refilled(details, worst.map(line))]] : []),
    ]];
  },
  migration: (section, chosen) => {
    const NEW = -1, names = ['up', 'down', 'same', 'new', 'lost', 'won back', 'inactive'];
    const movement = (before, now) => now === INACTIVE && [NEW, INACTIVE].includes(before) ? 'inactive' : before === NEW ? 'new' : before === INACTIVE ? 'won back' : now === INACTIVE ? 'lost' : now === before ? 'same' : now < before ? 'up' : 'down';
    const moved = chosen.filter(one => one.before && one.level < TIERS).map(one => ({ ...one, from: one.before[0], movement: movement(one.before[0], one.level), change: one.revenue - one.before[1], gained: one.profit - one.before[2] }));
    const of = name => moved.filter(one => one.movement === name), count = name => grouped(of(name).length);
    const [matrix, sums] = section.querySelectorAll(':scope > .scroll'), colour = { up: 'up', new: 'up', 'won back': 'up', down: 'down', lost: 'down' };
    const order = level => level === NEW ? TIERS : level, sorted = levels => [...new Set(levels)].sort((one, other) => order(one) - order(other));
    const [from, to] = [sorted(moved.map(one => one.from)), sorted(moved.map(one => one.level))];
    const found = (before, now) => {
      const customers = moved.filter(one => one.from === before && one.level === now);
      return customers.length ? { t: grouped(customers.length), s: toUnit(total(customers, 'change')), k: colour[customers[0].movement] || 'same' } : '';
    };
    const table = refilled(matrix, from.map(before => [[before === NEW ? say('New') : tiers[before], ...to.map(now => found(before, now))]]));
    if (table) {
      const top = table.querySelector('thead tr'), [corner] = top.cells;
      top.replaceChildren(corner, ...to.map(level => { const head = element('th', '', tiers[level]); head.scope = 'col'; return head; }));
    }
    const line = (name, place) => [[lists.movements[place], count(name), amountOf(total(of(name), 'change')), ...(knowsProfit ? [amountOf(total(of(name), 'gained')), amountOf(total(of(name), 'profit'))] : [])]];
    const lines = names.map((name, place) => of(name).length ? line(name, place) : null).filter(Boolean);
    return [say('{up} customers moved up and {down} down; {new} are new, {back} won back, {lost} lost', { up: count('up'), down: count('down'), new: count('new'), back: count('won back'), lost: count('lost') }), [[matrix, table], [sums, refilled(sums, lines)]]];
  },
  change: (section, chosen) => {
    const known = chosen.filter(one => one.before).map(one => {
      const [, , was, volume, price, mix, goods, compared] = one.before, change = one.profit - was;
      return { ...one, was, volume, price, mix, goods, compared, change, served: change - volume - price - mix - goods };
    });
    const effects = [[say('Volume'), 'volume', say('volume')], [say('Price'), 'price', say('price')], [say('Mix'), 'mix', say('mix')], [say('COGS'), 'goods', say('cost of goods')], [say('Cost-to-serve'), 'served', say('cost-to-serve')]].map(([name, what, word]) => [name, total(known, what), word]);
    const chart = steps(say('Net profit before and now, and what changed it'), say('Net profit'), [[say('Before'), total(known, 'was'), true], ...effects, [say('Now'), total(known, 'profit'), true]].map(([name, amount, sum]) => [name, amount, sum === true]));
    const change = total(known, 'change'), best = effects.reduce((most, one) => one[1] >= most[1] ? one : most), worst = effects.reduce((low, one) => one[1] < low[1] ? one : low);
    const words = [best[1] > 0 && best, worst[1] < 0 && worst].filter(Boolean).map(([, amount, word]) => `${word} ${amount > 0 ? '+' : ''}${toUnit(amount)}`).join(', '), values = { amount: money(Math.abs(change)), effects: words };
    const finding = change < 0 ? say('Net profit of customers fell by {amount}: {effects}', values) : say('Net profit of customers rose by {amount}: {effects}', values);
    const share = ratio(total(known, 'compared'), total(known, 'revenue'));
    const said = share === 0 ? say('No price could be compared: no known product was bought in both windows.') : say('Prices could be compared for {share} of the revenue: products that were bought in both windows.', { share: percent(share) });
    const written = { previous_net_profit: 'was', volume_effect: 'volume', price_effect: 'price', mix_effect: 'mix', cogs_effect: 'goods', cost_to_serve_effect: 'served', net_profit: 'profit', change: 'change' };
    const ranked = largest(known, one => one.change), list = (caption, customers) => {
      const table = captioned(section, caption);
      return table ? [[table, refilled(table, few(customers).map(one => named(one, byColumn(table, column => amountOf(one[written[column]])))))]] : [];
    };
    return [finding, [
      [part(section, 'figure'), figureOf(part(section, 'figure'), chart)], [part(section, 'p:not(.topic,.reading,.tools,.of)'), share === null ? null : element('p', '', said)],
      ...list(say('Who gained most'), ranked.filter(one => one.change > 0)), ...list(say('Who lost most'), [...ranked].reverse().filter(one => one.change < 0)),
    ]];
  },
  remedies: (section, chosen) => {
    const proposed = largest(chosen.filter(one => one.remedy), one => one.remedy[1]), lose = losing(chosen), sum = (customers, place) => customers.reduce((sum, one) => sum + one.remedy[place], 0), { names } = lists.remedies;
    const finding = several(lose.length, '{n} customer loses {amount}', '{n} customers lose {amount}', { amount: money(-total(lose, 'profit')) });
    const bring = proposed.length ? several(proposed.length, '; a proposal to {n} customer is expected to bring {amount}', '; proposals to {n} customers are expected to bring {amount}', { amount: money(sum(proposed, 1)) }) : '';
    const kinds = captioned(section, say('What the proposed remedies bring, the chance of leaving included.')), list = captioned(section, say('What to do first, and why.'));
    const cells = customers => [grouped(customers.length), ...[1, 4, 5, 6].map(place => amountOf(sum(customers, place)))];
    const byRemedy = names.map((name, place) => [name, proposed.filter(one => one.remedy[0] === place)]).filter(([, customers]) => customers.length).sort(([, one], [, other]) => sum(other, 1) - sum(one, 1));
    const line = one => named(one, [amountOf(one.profit), names[one.remedy[0]], ...[1, 2, 3].map(place => amountOf(one.remedy[place])), one.remedy[7], { t: one.remedy[8], k: 'left reason' }]);
    const notes = [...section.querySelectorAll(':scope > p:not(.topic,.reading,.tools,.of)')].filter(note => !note.nextElementSibling?.matches('.scroll')), FEW = 15, rest = proposed.length - FEW, without = lose.length - proposed.length;
    const said = [
      rest > 0 && several(rest, '{n} more has a proposed remedy, on its customer\'s page.', '{n} more have a proposed remedy, each on its customer\'s page.'),
      without > 0 && several(without, 'For {n} customer no remedy is worth a conversation: it brings less than a conversation costs, the loss may not come back, or its margin covers cost that would remain without the customer.', 'For {n} customers no remedy is worth a conversation: it brings less than a conversation costs, the loss may not come back, or their margin covers cost that would remain without them.'),
    ].filter(Boolean);
    return [finding + bring, [
      ...(kinds ? [[kinds, refilled(kinds, byRemedy.map(([name, customers]) => [[name, ...cells(customers)]]), [say('All'), ...cells(proposed)])], [list, refilled(list, proposed.slice(0, FEW).map(line))]] : []),
      ...notes.map((note, place) => [note, said[place] ? element('p', '', said[place]) : null]),
    ]];
  },
};
// Sections in net profit follow the filter if net profit is known; sums over groups of alike customers follow it if the choice can tell the groups apart.
const follows = (section, values) => Object.hasOwn(followed, section.id) && (section.id !== 'change' || knowsProfit && part(section, 'figure') !== null) && tellsApart(section, values);
// The sections of the sales force are also rendered for each rep.
const ofForce = [...document.querySelectorAll('main > section')].filter(({ id }) => Object.values(lists.sales).some(sections => Object.hasOwn(sections, id)));
const ofRep = (section, { rep }) => ofForce.includes(section) && rep && { made: lists.sales[rep]?.[section.id] };
const showRep = (section, { made }) => {
  const olds = [...section.children].slice(3), parsed = element('template');
  if (!made) return stepIn(section, say('There is nothing of this rep here'), olds.map(old => [old, null]));
  parsed.innerHTML = made;
  const [, heading, , ...parts] = parsed.content.firstElementChild.children;
  stepIn(section, heading.textContent, [...olds.map(old => [old, null]), ...parts.reverse().map(part => [olds.at(-1), part])]);
};

// A customer's line of the list, or a similar one for a customer without a page.
const listRows = new Map([...document.querySelectorAll('#customers tr[data-customer]')].map(row => [row.dataset.customer, row]));
const rowOf = one => {
  const known = listRows.get(one.id);
  if (known) {
    const copy = known.cloneNode(true);
    copy.hidden = false;
    copy.classList.remove('out');
    return copy;
  }
  const row = element('tr'), head = element('th', '', one.name);
  head.scope = 'row';
  head.append(element('small', '', placeOf(one)));
  const figures = [grouped(one.orders), toUnit(one.revenue), ...(knowsMargin ? [toUnit(one.margin), percent(ratio(one.margin, one.revenue))] : []), ...(knowsProfit ? [toUnit(one.cost), toUnit(one.profit)] : [])];
  row.append(head, element('td', 'left', one.tier), ...figures.map(figure => element('td', figure.startsWith('−') ? 'negative' : '', figure)));
  return row;
};

// The figures of the chosen customers, each with its share of all customers beneath it.
const showFigures = chosen => {
  const figure = (label, number, of) => [label, number(chosen), percent(ratio(of(chosen), of(everyone)))], count = of => customers => of(customers).length;
  const amounts = [[say('Invoice revenue'), 'revenue', true], [say('Gross margin'), 'margin', knowsMargin], [say('Cost-to-serve'), 'cost', knowsProfit], [say('Net profit of customers'), 'profit', knowsProfit]].filter(([, , known]) => known);
  const shown = [
    figure(say('Active customers'), customers => grouped(active(customers).length), count(active)),
    figure(say('Orders'), customers => grouped(total(customers, 'orders')), customers => total(customers, 'orders')),
    ...amounts.map(([label, what]) => figure(label, customers => toUnit(total(customers, what)), customers => total(customers, what))),
    ...(knowsProfit ? [[say('Lose money'), grouped(losing(chosen).length), toUnit(total(losing(chosen), 'profit'))]] : []),
  ];
  by('choice-figures').replaceChildren(...shown.map(([label, value, small]) => {
    const pair = element('div', value.startsWith('−') ? 'negative' : ''), text = element('dd', '', value);
    text.append(element('small', '', small));
    pair.append(element('dt', '', label), text);
    return pair;
  }));
};
// The questions of the headline that a choice answers.
const answered = {
  concentration: chosen => {
    const first = concentrated(chosen).find(row => row.revenue >= .8), customers = active(chosen);
    if (!first) return null;
    const values = { percent: Math.max(1, Math.round(100 * first.customers / customers.length)) + data.percent, n: grouped(first.customers), revenue: percent(first.revenue), cost: percent(ratio(total(tail(customers), 'cost'), total(customers, 'cost'))) };
    return knowsProfit ? say('{percent} of the customers, {n}, bring {revenue} of revenue; the last 20 % of revenue takes {cost} of the cost to serve.', values) : null;
  },
  remedies: chosen => {
    const lose = losing(chosen), [first] = largest(chosen.filter(one => one.remedy), one => one.remedy[1]);
    const start = several(lose.length, '{n} customer loses {amount}', '{n} customers lose {amount}', { amount: money(-total(lose, 'profit')) });
    if (!first) return start + '.';
    const all = toUnit(chosen.reduce((sum, one) => sum + (one.remedy ? one.remedy[1] : 0), 0));
    return start + say('. First: “{remedy}” with {customer}, expected to bring {amount}; all proposals bring {all}.', { remedy: lists.remedies.names[first.remedy[0]], customer: first.name, amount: toUnit(first.remedy[1]), all });
  },
};

const findings = new Map([...document.querySelectorAll('main > section > h2')].map(heading => [heading, heading.textContent]));
// Replaces parts for all customers by those of a choice; parts that stay are marked as covering all customers.
const stepIn = (section, finding, swaps) => {
  part(section, 'h2').textContent = finding.replaceAll(' %', '\u00a0%');
  swaps.forEach(([old, made]) => {
    old.classList.add('aside');
    const tools = old.nextElementSibling;
    if (tools?.matches('.tools')) tools.classList.add('aside');
    if (!made) return;
    made.classList.add('of-choice');
    old.after(made);
    made.querySelectorAll('.tools, .more').forEach(old => old.remove());
    made.querySelectorAll('table').forEach(equip);
    if (made.matches('.scroll') && made.nextElementSibling?.matches('.tools:not(.aside)')) made.nextElementSibling.classList.add('of-choice');
  });
  let said = false;
  [...section.children].forEach(child => {
    if (child.matches('.topic,h2,.reading,.tools,.aside,.of-choice')) { said = said && child.matches('.tools'); return; }
    if (!said) child.before(element('p', 'of of-choice', say('Of all customers')));
    said = true;
  });
};
const company = document.querySelector('.company');
if (company) company.dataset.of = say('Of all customers');
const restore = () => {
  document.querySelectorAll('.of-choice').forEach(made => made.remove());
  document.querySelectorAll('.aside').forEach(old => old.classList.remove('aside'));
  findings.forEach((finding, heading) => { heading.textContent = finding; });
};
const showChoice = (chosen, values) => {
  showFigures(chosen);
  const answers = Object.entries(answered).map(([id, answer]) => [document.querySelector(`.company [data-answer=${id}]`), answer(chosen)]).filter(([old, text]) => old && text);
  by('choice-answers').replaceChildren(...answers.map(([old, text]) => {
    const made = old.cloneNode(true);
    made.removeAttribute('data-answer');
    made.querySelector('dd').firstChild.textContent = text + ' ';
    old.classList.add('aside');
    return made;
  }));
  company?.querySelector('.figures')?.classList.add('aside');
  document.querySelectorAll('main > section').forEach(section => {
    const rep = ofRep(section, values);
    if (rep) return showRep(section, rep);
    if (!follows(section, values)) {
      const swaps = listsOf(section, chosen);
      if (swaps.length) stepIn(section, part(section, 'h2').textContent, swaps);
      return;
    }
    const [finding, swaps] = chosen.length && followed[section.id](section, chosen) || [say('None of the customers of your choice belongs here'), [...section.children].slice(3).map(old => [old, null])];
    stepIn(section, finding, swaps);
  });
};
// Shows the figures of a choice of customers; without a choice, the original ones of all customers.
const follow = (chosen, values) => {
  restore();
  by('choice').hidden = !chosen;
  if (chosen) showChoice(chosen, values);
  document.querySelectorAll('[data-finding]').forEach(said => { said.textContent = document.querySelector(`#${said.dataset.finding} > h2`).textContent; });
};
