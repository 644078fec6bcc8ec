'use strict';
const data = JSON.parse(document.getElementById('data').textContent);
const said = data.said || {};
// A message in the language of the page, with its values.
const say = (message, values = {}) => (Object.hasOwn(said, message) ? said[message] : message).replace(/\{(\w+)\}/g, (_, name) => values[name]);
const by = id => document.getElementById(id);
// Unpacks data of the page: gzip, in base64.
const unpacked = async id => {
  const bytes = Uint8Array.from(atob(by(id).textContent), character => character.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))).json();
};
// The pages of customers are read when they are opened, not with the report: they are most of it.
const pagePlaces = new Map(data.customers.pages.map((id, place) => [id, place]));
const hasPage = id => pagePlaces.has(id);
const customerPage = id => {
  const place = pagePlaces.get(id), { bundle } = data.customers;
  return JSON.parse(by('pages-' + Math.floor(place / bundle)).textContent)[place % bundle];
};

// Cents as 1.234,50, with a real minus sign.
const amount = cents => {
  const size = Math.abs(cents), rest = String(size % 100).padStart(2, '0');
  return (cents < 0 ? '−' : '') + grouped(Math.floor(size / 100)) + data.decimal + rest;
};
const grouped = number => String(number).replace(/\B(?=(\d{3})+(?!\d))/g, () => data.thousands);
// Divides ten-thousandths, half-even, as the tables are rounded.
const rounded = (units, part) => {
  const size = Math.abs(units), rest = size % part, down = (size - rest) / part;
  const near = down + (rest * 2 > part || (rest * 2 === part && down % 2) ? 1 : 0);
  return units < 0 ? -near : near;
};
const signed = number => (number < 0 ? '−' : '') + grouped(Math.abs(number));
const toUnit = units => signed(rounded(units, 10000));
// In thousands if the largest amount is so large that the rest doesn't matter; the title of an axis says so.
const inThousands = largest => Math.abs(largest) >= 1e8;
const onAxis = (units, largest) => inThousands(largest) ? signed(rounded(units, 1e7)) : toUnit(units);
const axis = (title, largest) => inThousands(largest) ? say('{title}, in thousands', { title }) : title;
const money = units => data.money.replace('{amount}', () => toUnit(units));
// With that many decimals, half-even, as the tables are written.
const decimals = (value, digits) => {
  const size = Math.abs(value), halves = size * 2 ** (digits + 1);
  let text = size.toFixed(digits);
  if (halves % 2 === 1 && Number(text.at(-1)) % 2) text = (size - .5 / 10 ** digits).toFixed(digits);
  return (value < 0 && /[1-9]/.test(text) ? '−' : '') + text.replace('.', () => data.decimal);
};
const ratio = (part, all) => all > 0 ? part / all : null;
const percent = share => share === null ? '–' : decimals(share * 100, 1) + data.percent;
// Tenths of a percentage point, with their sign.
const points = tenths => (tenths > 0 ? '+' : tenths < 0 ? '−' : '') + grouped(Math.floor(Math.abs(tenths) / 10)) + data.decimal + Math.abs(tenths) % 10;
const several = (n, one, many, values = {}) => say(n === 1 ? one : many, { n: grouped(n), ...values });
const whole = cents => (cents <= -50 ? '−' : '') + grouped(Math.round(Math.abs(cents) / 100));

// Normalizes a text for the search: no capitals, no accents.
const plainText = text => text.toLowerCase().normalize('NFD').replace(/\p{M}/gu, '');

// Texts are only ever set as text, never as HTML, so a name can't inject markup.
const element = (tag, className, text) => {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
};

const svg = (name, attributes, text) => {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
  if (text !== undefined) made.textContent = text;
  return made;
};

// Bars from list revenue to net profit: sums start at zero, steps where the last sum ended.
const waterfall = (target, customer, written) => {
  const bars = [];
  let level = 0;
  customer.steps.forEach((cents, index) => {
    const kind = data.customers.steps[index][2];
    const from = kind === 'sum' ? 0 : level;
    level = kind === 'sum' ? cents : kind === 'minus' ? level - cents : level + cents;
    bars.push([from, level]);
  });
  const band = customer.band || [];
  const ends = [...bars.flat(), ...band.slice(0, 2)];
  const low = Math.min(0, ...ends), high = Math.max(1, ...ends), span = high - low;
  const place = value => (value - low) / span * 100;
  const rows = customer.steps.map((cents, index) => {
    const [name, label, kind] = data.customers.steps[index];
    const row = element('div', 'step ' + kind);
    const title = element('span', '', (kind === 'minus' ? '−' : kind === 'plus' ? '+' : '=') + '\u00a0' + label);
    row.append(title);
    const track = element('span', 'track'), bar = element('i', bars[index][1] < 0 ? 'below' : '');
    track.style.setProperty('--zero', place(0) + '%');
    bar.style.left = place(Math.min(...bars[index])) + '%';
    bar.style.width = (place(Math.max(...bars[index])) - place(Math.min(...bars[index]))) + '%';
    if (customer.band && index === customer.steps.length - 1) {
      const whisker = element('i', 'band');
      whisker.style.left = place(band[0]) + '%';
      whisker.style.width = (place(band[1]) - place(band[0])) + '%';
      track.append(whisker);
    }
    const missing = customer.missing.includes(index);
    const absent = missing && (cents === 0 || kind === 'sum' && name !== 'list_revenue');
    if (!absent) track.prepend(bar);
    if (missing && !absent && kind !== 'sum') title.append(element('small', 'absent', say('supplied in part')));
    const value = element('span', absent ? 'absent' : cents < 0 ? 'negative' : '', absent ? say('not supplied') : written(cents));
    value.dataset.step = name;
    row.append(track, value);
    return row;
  });
  target.replaceChildren(...rows);
};

// Columns for revenue, a line for net profit.
const trend = (target, customer, height = 150, profits = true) => {
  const months = data.customers.months;
  const width = 640, count = Math.max(1, months.length), step = width / count;
  const values = customer.trend.flatMap(point => [point[1], point[2]]);
  const low = Math.min(0, ...values), high = Math.max(1, ...values);
  const y = value => 8 + (high - value) / (high - low) * (height - 30);
  const chart = svg('svg', { viewBox: `0 0 ${width} ${height}`, role: 'group', 'aria-label': profits ? say('Revenue and net profit by month') : say('Revenue by month') });
  customer.trend.forEach(([month, revenue, profit]) => {
    const known = profits && !customer.missing.includes(customer.steps.length - 1);
    const values = { month: months[month], revenue: whole(revenue * 100), profit: whole(profit * 100) };
    const said = known ? say('{month}: revenue {revenue}, net profit {profit}', values) : say('{month}: revenue {revenue}', values);
    const column = svg('g', { class: 'point', tabindex: 0, role: 'img', 'aria-label': said, 'data-tip': said });
    column.append(svg('rect', { x: month * step, width: step, y: 0, height: height - 20, class: 'hit' }));
    column.append(svg('rect', { x: month * step + 1, width: Math.max(1, step - 2), y: Math.min(y(0), y(revenue)), height: Math.abs(y(0) - y(revenue)), class: 'area' }));
    chart.append(column);
  });
  // The lowest value is labelled if the part below zero is high enough for it.
  [high, y(low) - y(0) < 14 ? 0 : low].filter(value => value).forEach(value => {
    chart.append(svg('text', { x: 2, y: value > 0 ? 16 : height - 24, class: 'tick' }, whole(Math.round(value) * 100)));
  });
  chart.append(svg('line', { x1: 0, x2: width, y1: y(0), y2: y(0), class: 'rule zero' }));
  if (profits && !customer.missing.includes(customer.steps.length - 1)) chart.append(svg('polyline', { class: 'line cost solid', points: customer.trend.map(([month, , profit]) => `${(month + .5) * step},${y(profit)}`).join(' ') }));
  [0, count - 1].forEach((month, end) => {
    chart.append(svg('text', { x: end ? width : 0, y: height - 4, class: 'tick', 'text-anchor': end ? 'end' : 'start' }, months[month] || ''));
  });
  target.replaceChildren(chart);
};

// The facts with a value, of the labels that all pages share.
const facts = (target, labels, values, most = Infinity) => {
  const known = labels.map((label, index) => [label, values[index]]).filter(([, value]) => value !== null && value !== undefined);
  target.replaceChildren(...known.slice(0, most).map(([label, value]) => {
    const pair = element('div', value.startsWith('−') ? 'negative' : '');
    pair.append(element('dt', '', label), element('dd', '', value));
    return pair;
  }));
};

// A cell is a text, or {t: text, s: small print, k: class, h: heat, c: the customer that it opens}.
const cell = (tag, given) => {
  const { t = '', s, k, h, c, p } = typeof given === 'string' ? { t: given } : given;
  const made = element(tag, k || (t.startsWith('−') ? 'negative' : ''));
  if (c && hasPage(c)) {
    const button = element('button', '', t);
    button.type = 'button';
    button.dataset.open = c;
    made.append(button);
  } else made.textContent = t;
  if (s) made.append(element('small', p ? 'proposed' : '', s));
  if (h) { made.className = 'heat' + (t.startsWith('−') ? ' below' : ''); made.style.setProperty('--heat', h); }
  return made;
};
// Text is aligned left, numbers right.
const wordy = given => /\p{L}{3}/u.test(typeof given === 'string' ? given : given.t || '');

const table = (head, lines, most = Infinity) => {
  const made = element('table', 'k-' + head.key), top = element('tr'), rows = lines.slice(0, most);
  const left = head.heads.map((_, column) => column === 0 || rows.some(line => wordy(line[column])));
  head.heads.forEach((text, column) => {
    const th = element('th', left[column] ? 'left' : '', text);
    th.scope = 'col';
    top.append(th);
  });
  const body = element('tbody');
  rows.forEach(line => {
    const row = element('tr');
    line.forEach((given, column) => {
      const made = cell(column ? 'td' : 'th', given);
      if (column === 0) made.scope = 'row';
      if (left[column]) made.classList.add('left');
      if (column && wordy(given) && (given.t || given).length > 28) made.classList.add('reason');
      row.append(made);
    });
    body.append(row);
  });
  const thead = element('thead');
  thead.append(top);
  made.append(thead, body);
  return made;
};

// The tables of a page, each with its title and how to read it; on paper with a limited number of lines and no explanation.
const tables = (target, heads, given, onPlan) => {
  const made = heads.filter(head => given[head.key] && (!onPlan || head.plan)).map(head => {
    const [lines, note] = given[head.key];
    const part = element('section', 'part');
    part.dataset.table = head.key;
    part.append(element(onPlan ? 'h2' : 'h3', '', head.title));
    if (!onPlan && (note || head.reading)) part.append(element('p', 'note', [head.reading, note].filter(Boolean).join(' ')));
    const scroll = element('div', 'scroll');
    scroll.tabIndex = 0;
    scroll.append(table(head, lines, onPlan ? head.plan : Infinity));
    part.append(scroll);
    return part;
  });
  target.replaceChildren(...made);
  if (!onPlan) target.querySelectorAll('.scroll > table').forEach(fit);
};
