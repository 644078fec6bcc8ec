// One filter for the page: what the customers that it leaves bring stands first, all lists of customers follow it, and what doesn't says so.
const { tiers, markets, reps } = data.everyone;
const everyone = data.everyone.customers.map(([id, name, region, tier, market, rep, groups, orders, marginShare, revenue, margin, cost, profit, kinds]) => ({
  id, name, place: [id, markets[market], region].filter(Boolean).join(' · '), tier: tiers[tier], market: markets[market], rep: reps[rep],
  group: groups ? groups.split(' ').map(place => data.groups[place]) : [], orders, marginShare, revenue, margin, cost, profit,
  stratum: data.everyone.strata[kinds[0]], quadrant: data.everyone.quadrants[kinds[1]], remedy: data.everyone.remedies[id],
}));
const knowsMargin = everyone.some(one => one.margin !== null), knowsProfit = everyone.some(one => one.profit !== null);
const total = (customers, what) => customers.reduce((sum, one) => sum + one[what], 0);
const active = customers => customers.filter(one => one.orders > 0);
const losing = customers => customers.filter(one => one.profit < 0);
// The largest of them that bring four fifths of their revenue together.
const bringMost = customers => {
  const sorted = customers.map(one => one.revenue).sort((one, other) => other - one), most = sorted.reduce((sum, one) => sum + one, 0) * .8;
  let sum = 0;
  return most > 0 ? sorted.findIndex(revenue => (sum += revenue) >= most) + 1 : 0;
};
const share = (part, all) => all > 0 ? ((part < 0 ? '−' : '') + (Math.abs(part) / all * 100).toFixed(1)).replace('.', data.decimal) + data.percent : '–';

// From best to worst, cumulated, whoever ordered or cost something: the same picture as that of all customers.
const whale = customers => {
  const [width, height, left, right, top, bottom] = [640, 300, 80, 28, 16, 34];
  const sorted = customers.filter(one => one.orders > 0 || one.profit).map(one => one.profit).sort((one, other) => other - one);
  const points = [[0, 0]];
  let sum = 0;
  sorted.forEach((profit, rank) => points.push([(rank + 1) / sorted.length, sum += profit]));
  const peak = points.reduce((most, [, up]) => Math.max(most, up), 0), low = points.reduce((least, [, up]) => Math.min(least, up), 0);
  const x = across => (left + across * (width - left - right)).toFixed(1), y = up => (top + (peak - up) / (peak - low || 1) * (height - top - bottom)).toFixed(1);
  const title = say('Whale curve: cumulative net profit, customers by net profit');
  const chart = svg('svg', { viewBox: `0 0 ${width} ${height + 10}`, role: 'group', 'aria-label': title });
  chart.append(svg('text', { class: 'tick axis', x: left, y: 11 }, say('Cumulative net profit')), svg('text', { class: 'tick axis', x: width - right, y: height + 4, 'text-anchor': 'end' }, say('Customers by net profit')));
  const apart = Math.abs(peak - sum) > (peak - low) * .06 && Math.abs(sum) > (peak - low) * .06;
  [[0, 'zero', '0'], [peak, 'peak', toUnit(peak)], [sum, 'total', apart ? toUnit(sum) : '']].forEach(([up, name, label]) => chart.append(
    svg('line', { class: 'rule ' + name, x1: left, x2: width - right, y1: y(up), y2: y(up) }),
    svg('text', { class: 'tick ' + name, x: left - 8, y: Number(y(up)) + 4, 'text-anchor': 'end' }, label)));
  [0, 20, 40, 60, 80, 100].forEach(percent => chart.append(svg('text', { class: 'tick', x: x(percent / 100), y: height - 12, 'text-anchor': 'middle' }, percent + data.percent)));
  const step = Math.ceil(points.length / 600), shown = points.filter((_, place) => place % step === 0 || place === points.length - 1);
  const path = shown.map(([across, up]) => `${x(across)},${y(up)}`).join(' ');
  chart.append(svg('path', { class: 'area profit', d: `M${x(0)},${y(0)} L${path} L${x(1)},${y(0)} Z` }), svg('polyline', { class: 'line profit', points: path }));
  const every = Math.max(1, Math.ceil(sorted.length / 10));
  points.slice(1).forEach(([across, up], place) => {
    if ((place + 1) % every && place + 1 !== sorted.length) return;
    const text = say('First {n} customers: {amount}', { n: grouped(place + 1), amount: toUnit(up) });
    const point = svg('g', { class: 'point', tabindex: 0, role: 'img', 'aria-label': text, 'data-tip': text });
    point.append(svg('rect', { class: 'hit', x: x(across) - 20, y: top, width: 40, height: height - top - bottom }), svg('circle', { cx: x(across), cy: y(up), r: 4 }));
    chart.append(point);
  });
  return chart;
};

// The columns of a table of customers or tiers: heading, and a cell of some customers.
const columns = [
  [say('Revenue'), true, customers => toUnit(total(customers, 'revenue'))],
  [say('Gross margin'), knowsMargin, customers => toUnit(total(customers, 'margin'))],
  [say('Cost-to-serve'), knowsProfit, customers => toUnit(total(customers, 'cost'))],
  [say('Net profit'), knowsProfit, customers => toUnit(total(customers, 'profit'))],
].filter(([, known]) => known);
const amounts = customers => columns.map(([, , written]) => written(customers));
const addTable = (target, caption, heads, lines, foot) => {
  const scroll = element('div', 'scroll'), made = table({ key: 'choice', heads }, lines), title = element('caption');
  title.append(element('span', '', caption));
  made.prepend(title);
  scroll.tabIndex = 0;
  if (foot) {
    const last = element('tfoot'), row = element('tr');
    row.append(...foot.map((text, column) => cell(column ? 'td' : 'th', text)));
    row.cells[0].scope = 'row';
    last.append(row);
    made.append(last);
  }
  scroll.append(made);
  target.append(scroll);
  equip(made);
};

// What those bring who were chosen, beside all.
const showChoice = chosen => {
  const figures = [
    [say('Active customers'), grouped(active(chosen).length), share(active(chosen).length, active(everyone).length)],
    [say('Orders'), grouped(total(chosen, 'orders')), share(total(chosen, 'orders'), total(everyone, 'orders'))],
    ...[[say('Invoice revenue'), 'revenue', true], [say('Gross margin'), 'margin', knowsMargin], [say('Cost-to-serve'), 'cost', knowsProfit], [say('Net profit of customers'), 'profit', knowsProfit]]
      .filter(([, , known]) => known)
      .map(([label, what]) => [label, toUnit(total(chosen, what)), share(total(chosen, what), total(everyone, what))]),
    [say('Bring 80 % of revenue'), grouped(bringMost(chosen)), say('{share} of these', { share: share(bringMost(chosen), active(chosen).length) })],
    ...(knowsProfit ? [[say('Lose money'), grouped(losing(chosen).length), toUnit(total(losing(chosen), 'profit'))]] : []),
  ];
  by('choice-figures').replaceChildren(...figures.map(([label, value, small]) => {
    const pair = element('div', value.startsWith('−') ? 'negative' : ''), shown = element('dd', '', value);
    shown.append(element('small', '', small));
    pair.append(element('dt', '', label), shown);
    return pair;
  }));
  const target = by('choice-parts');
  target.replaceChildren();
  if (!chosen.length) return;
  if (knowsProfit) {
    const figure = element('figure');
    figure.append(whale(chosen), element('figcaption', '', say('Blue rule: the peak. Orange rule: the total.')));
    target.append(figure);
  }
  const heads = columns.map(([name]) => name), lost = knowsProfit ? [say('Lose money')] : [];
  const line = (name, customers) => [name, grouped(customers.length), ...amounts(customers), ...(knowsProfit ? [grouped(losing(customers).length)] : [])];
  const present = tiers.map(tier => [tier, chosen.filter(one => one.tier === tier)]).filter(([, customers]) => customers.length);
  addTable(target, say('By tier of the whole company.'), [say('Tier'), say('Customers'), ...heads, ...lost], present.map(([tier, customers]) => line(tier, customers)), line(say('Together'), chosen));
  [['stratum', say('By what they buy and what they earn.'), data.everyone.strata], ['quadrant', say('By margin and cost, against customers of about the same size.'), data.everyone.quadrants]].forEach(([what, caption, kinds]) => {
    const found = kinds.map(kind => [kind, chosen.filter(one => one[what] === kind)]).filter(([, customers]) => customers.length);
    if (found.length) addTable(target, caption, [say('Kind'), say('Customers'), ...heads, ...lost], found.map(([kind, customers]) => line(kind, customers)));
  });
  const proposed = chosen.filter(one => one.remedy), change = customers => toUnit(customers.reduce((sum, one) => sum + one.remedy[1], 0));
  const byRemedy = [...new Set(proposed.map(one => one.remedy[0]))].map(name => [name, proposed.filter(one => one.remedy[0] === name)]);
  if (proposed.length) addTable(target, say('What the proposed remedies bring, the chance of leaving included.'), [say('Remedy'), say('Customers'), say('Expected change')], byRemedy.map(([name, customers]) => [name, grouped(customers.length), change(customers)]), [say('Together'), grouped(proposed.length), change(proposed)]);
  const earned = knowsProfit ? 'profit' : knowsMargin ? 'margin' : 'revenue';
  const ranked = [...chosen].sort((one, other) => other[earned] - one[earned]);
  const named = ({ id, name, place, tier, ...rest }) => [{ t: name, s: place, c: id }, tier, ...amounts([rest])];
  const few = Math.min(5, Math.ceil(ranked.length / 2));
  addTable(target, say('Who brings most.'), [say('Customer'), say('Tier'), ...heads], ranked.slice(0, few).map(named));
  if (ranked.length > 1) addTable(target, say('Who brings least.'), [say('Customer'), say('Tier'), ...heads], ranked.slice(few - ranked.length).slice(-few).reverse().map(named));
};

const filters = ['rep', 'market', 'tier', 'group'].map(key => ({ key, select: by('filter-' + key) }));
const inUse = () => filters.filter(({ select }) => select.value);
// `of` says what a customer has: its rep, or its product groups.
const passes = of => inUse().every(({ key, select }) => [of(key)].flat().includes(select.value));
// Whose figures are added up for a choice.
const FIRST = ['headline', 'pyramid', 'concentration', 'whale', 'strata', 'quadrants', 'remedies'];
const listed = [...document.querySelectorAll('main tr[data-tier]')];
const groupsOf = row => (row.dataset.group || '').split(' ').map(place => data.groups[place]);
document.querySelectorAll('main > section:not(#choice):not(#customers)').forEach(section => {
  const first = FIRST.includes(section.id) ? say('Of all customers; those of your choice stand first') : say('Of all customers');
  section.dataset.of = section.querySelector('tr[data-tier]') && !FIRST.includes(section.id) ? say('Lists of your choice, other figures of all customers') : first;
});
const filter = () => {
  listed.forEach(row => row.classList.toggle('out', !passes(key => key === 'group' ? groupsOf(row) : row.dataset[key])));
  const choosing = inUse().length > 0, chosen = choosing ? everyone.filter(one => passes(key => one[key])) : [];
  document.body.classList.toggle('choosing', choosing);
  by('choice').hidden = !choosing;
  by('filtered').textContent = choosing ? say('{n} of {all} customers', { n: grouped(chosen.length), all: grouped(everyone.length) }) : '';
  by('choice-finding').textContent = inUse().map(({ select }) => `${select.previousSibling.textContent.trim()}: ${select.value}`).join(' · ');
  if (choosing) showChoice(chosen);
  search();
};
filters.forEach(({ key, select }) => {
  const values = key === 'group' ? [...data.groups] : [...new Set(everyone.map(one => one[key]))].filter(Boolean);
  values.sort(key === 'tier' ? (one, other) => tiers.indexOf(one) - tiers.indexOf(other) : (one, other) => one.localeCompare(other, document.documentElement.lang));
  values.forEach(value => select.append(new Option(value, value)));
  select.closest('label').hidden = values.length < 2;
  select.addEventListener('change', () => {
    filter();
    const chosen = new URLSearchParams(inUse().map(({ key, select }) => [key, select.value]));
    history.replaceState(null, '', String(chosen) ? `#filter?${chosen}` : location.pathname + location.search);
  });
});

// The search. Customers without a page stand in no row of the list: of those found the first are shown, and that is said.
const rows = [...document.querySelectorAll('#customers tr[data-customer]')];
const texts = rows.map(row => plainText(row.textContent));
const SHOWN = 50, foundRows = element('tbody');
const withoutPage = everyone.filter(one => !Object.hasOwn(data.customers.pages, one.id));
let plainIndex = null;
const lookUp = words => {
  if (!words.length && !inUse().length) return [];
  plainIndex ||= withoutPage.map(one => plainText([one.name, one.place, one.tier].join(' ')));
  return withoutPage.filter((one, place) => words.every(word => plainIndex[place].includes(word)) && passes(key => one[key]));
};
const rowOf = ({ name, place, tier, orders, marginShare, ...one }) => {
  const row = element('tr'), head = element('th', '', name);
  head.scope = 'row';
  head.append(element('small', '', place));
  const figures = [grouped(orders), toUnit(one.revenue), ...(knowsMargin ? [toUnit(one.margin), marginShare] : []), ...(knowsProfit ? [toUnit(one.cost), toUnit(one.profit)] : [])];
  row.append(head, element('td', 'left', tier), ...figures.map(figure => element('td', '', figure)));
  return row;
};
const search = () => {
  const words = plainText(by('search').value).split(/\s+/).filter(Boolean), others = lookUp(words);
  foundRows.replaceChildren(...others.slice(0, SHOWN).map(rowOf));
  document.querySelector('#customers table').append(foundRows);
  rows.forEach((row, index) => { row.hidden = !words.every(word => texts[index].includes(word)); });
  const shown = rows.filter(row => !row.hidden && !row.classList.contains('out')).length + others.length;
  const values = { n: grouped(shown), few: SHOWN };
  by('found').textContent = others.length > SHOWN ? say('{n} found; of those without a page the first {few} are listed', values) : words.length ? say('{n} found', values) : '';
};
by('search').addEventListener('input', search);

const asked = location.hash.match(/^#filter\?(.*)$/);
if (asked) {
  const chosen = new URLSearchParams(asked[1]);
  filters.forEach(({ key, select }) => { select.value = chosen.get(key) || ''; });
  filter();
}
