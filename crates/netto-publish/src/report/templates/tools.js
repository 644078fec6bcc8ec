// Tables that sort, search and download; the choice of a window; values on hover and by keyboard.
const shownText = cell => (cell.querySelector('button:not(.sort)') || cell.firstChild || cell).textContent.trim();
// Parses a number as written here, or returns nothing.
const numeric = text => {
  const plain = text.split(data.thousands).join('').replace(data.decimal, '.').replace('−', '-').replace(/[\s%]/g, '');
  return /^[+-]?\d+(\.\d+)?$/.test(plain) ? Number(plain) : null;
};
const compare = (one, other) => {
  const [a, b] = [numeric(one), numeric(other)];
  if (a !== null && b !== null) return a - b;
  if (a === null && b === null) return one.localeCompare(other, document.documentElement.lang, { numeric: true });
  return a === null ? 1 : -1;
};
const sortable = table => {
  [...table.tHead.rows[0].cells].forEach((th, column) => {
    if (!th.textContent.trim()) return;
    const button = element('button', 'sort', th.textContent);
    button.type = 'button';
    th.replaceChildren(button);
    button.addEventListener('click', () => {
      const up = th.getAttribute('aria-sort') === 'descending';
      [...table.tHead.rows[0].cells].forEach(other => other.removeAttribute('aria-sort'));
      th.setAttribute('aria-sort', up ? 'ascending' : 'descending');
      const body = table.tBodies[0], way = up ? 1 : -1;
      const keyed = [...body.rows].map(row => [shownText(row.cells[column]), row]);
      keyed.sort(([one], [other]) => way * compare(one, other));
      body.append(...keyed.map(([, row]) => row));
    });
  });
};
// A cell for a spreadsheet: numbers as numbers, and no text that it would run.
const csv = table => {
  const separator = data.decimal === ',' ? ';' : ',';
  const written = cell => {
    const text = shownText(cell), small = cell.querySelector('small');
    const number = numeric(text);
    if (number !== null && !text.includes('%')) return String(number).replace('.', data.decimal);
    const full = small && cell.cellIndex === 0 ? `${text} · ${small.textContent}` : text;
    return `"${(/^[=+\-@\t\r]/.test(full) ? "'" : '') + full.replace(/"/g, '""')}"`;
  };
  const shown = [...table.rows].filter(row => !row.hidden && !row.classList.contains('out'));
  return '\ufeff' + shown.map(row => [...row.cells].map(written).join(separator)).join('\r\n') + '\r\n';
};
const download = (table, name) => {
  const link = element('a');
  link.href = URL.createObjectURL(new Blob([csv(table)], { type: 'text/csv' }));
  link.download = `${name}.csv`;
  link.click();
  URL.revokeObjectURL(link.href);
};
// Says how many columns of a table are hidden at the right.
const cue = scroll => {
  const table = scroll.querySelector('table'), said = element('p', 'more');
  const show = () => {
    const end = scroll.getBoundingClientRect().right, isOut = head => { const { left, width } = head.getBoundingClientRect(); return left + width * .6 > end + 1; };
    const hidden = [...table.tHead.rows[0].cells].filter(isOut).length;
    said.textContent = hidden ? several(hidden, '{n} more column →', '{n} more columns →') : '';
  };
  scroll.prepend(said);
  new ResizeObserver(show).observe(scroll);
  scroll.addEventListener('scroll', show, { passive: true });
};
// On a phone, a table with few rows, on a page or with sentences is shown line by line: each value beside its column heading.
const stack = table => {
  const rows = [...table.rows].filter(row => row.parentNode !== table.tHead), heads = [...table.tHead.rows[0].cells];
  const few = heads.length >= 6 && rows.length <= 6 || heads.length >= 5 && table.closest('.panel');
  if (!rows.length || table.matches('.matrix, .heatmap, .k-timing') || !few && !table.querySelector('td.reason')) return;
  table.classList.add('stacked');
  // Without a table layout, the element needs the role of a table.
  [[table, 'table'], ...[table.tHead, ...table.tBodies, table.tFoot].filter(Boolean).map(part => [part, 'rowgroup']), ...[...table.rows].map(row => [row, 'row']), ...heads.map(head => [head, 'columnheader'])].forEach(([part, role]) => part.setAttribute('role', role));
  rows.forEach(row => [...row.cells].forEach((cell, place) => {
    cell.setAttribute('role', place ? 'cell' : 'rowheader');
    // A text in the first column needs no heading; a number does.
    if (place || numeric(shownText(cell)) !== null) cell.dataset.head = heads[place].textContent;
  }));
};
const fit = table => {
  cue(table.parentElement);
  stack(table);
};
const equip = table => {
  const rows = table.tBodies.length === 1 ? [...table.tBodies[0].rows] : [];
  fit(table);
  if (rows.length > 2) sortable(table);
  if (rows.length < 2) return;
  const section = table.closest('section'), bar = element('p', 'tools');
  if (rows.length > 12 && section.id !== 'customers') {
    const find = element('input');
    find.type = 'search';
    find.setAttribute('aria-label', say('Find'));
    find.placeholder = say('Find');
    find.addEventListener('input', () => {
      const words = plainText(find.value).split(/\s+/).filter(Boolean);
      rows.forEach(row => { row.hidden = !words.every(word => plainText(row.textContent).includes(word)); });
    });
    bar.append(find);
  }
  const button = element('button', '', say('Download as CSV'));
  button.type = 'button';
  button.addEventListener('click', () => download(table, section.id));
  bar.append(button);
  table.parentElement.after(bar);
};
document.querySelectorAll('main .scroll > table').forEach(equip);

// Another window is another page in this file; the filter and an open customer are carried over.
const chosenWindow = by('window');
if (chosenWindow) chosenWindow.addEventListener('change', () => {
  const main = chosenWindow.selectedIndex === 0;
  location.assign(location.pathname + (main ? '' : '?window=' + encodeURIComponent(chosenWindow.value)) + location.hash);
});

const tip = element('div', 'tip');
tip.hidden = true;
const showTip = target => {
  tip.hidden = !target;
  if (!target) return;
  tip.textContent = target.dataset.tip;
  (target.closest('dialog') || document.body).append(tip);
  const place = (target.querySelector('circle') || target).getBoundingClientRect();
  tip.style.left = Math.max(8, Math.min(innerWidth - tip.offsetWidth - 8, place.left + place.width / 2 - tip.offsetWidth / 2)) + 'px';
  tip.style.top = Math.max(8, place.top - tip.offsetHeight - 10) + 'px';
};
['pointerover', 'focusin'].forEach(kind => document.addEventListener(kind, event => showTip(event.target.closest('[data-tip]'))));
document.addEventListener('scroll', () => showTip(document.activeElement.closest('[data-tip]')), true);

// A chart with many points is one tab stop: arrows move from point to point, Enter opens a page.
document.addEventListener('keydown', event => {
  const dot = event.target.closest('.dot'), way = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (!dot) return;
  if (way) {
    const dots = [...dot.parentNode.querySelectorAll('.dot')], next = dots[(dots.indexOf(dot) + way + dots.length) % dots.length];
    dot.setAttribute('tabindex', -1);
    next.setAttribute('tabindex', 0);
    next.focus();
  } else if (event.key === 'Enter' || event.key === ' ') {
    if (dot.dataset.open) open('customer', dot.dataset.open);
  } else return;
  event.preventDefault();
});

// A long table prints its first rows, and how many rows there are.
const ON_PAPER = 20;
addEventListener('beforeprint', () => document.querySelectorAll('main .scroll > table').forEach(table => {
  const shown = [...table.tBodies].flatMap(body => [...body.rows]).filter(row => !row.hidden && !row.classList.contains('out'));
  const said = table.parentElement.querySelector('.cut') || element('p', 'cut');
  shown.forEach((row, place) => row.classList.toggle('off-paper', place >= ON_PAPER));
  said.textContent = shown.length > ON_PAPER ? say('The first {few} of {n}', { few: ON_PAPER, n: grouped(shown.length) }) : '';
  table.after(said);
}));
