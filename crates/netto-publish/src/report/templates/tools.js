// Tables that sort, search and download; another window; values on hover and by keyboard.
const shownText = cell => (cell.querySelector('button:not(.sort)') || cell.firstChild || cell).textContent.trim();
// A number as it is written here, or nothing.
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
// What a spreadsheet reads: numbers as numbers, and no text that it would run.
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
// Says how many columns of a table are out of sight at the right.
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
// On a phone a table of few rows, of a page or with sentences is read line by line: each value beside the heading of its column.
const stack = table => {
  const rows = [...table.rows].filter(row => row.parentNode !== table.tHead), heads = [...table.tHead.rows[0].cells];
  const few = heads.length >= 6 && rows.length <= 6 || heads.length >= 5 && table.closest('.panel');
  if (!rows.length || table.matches('.matrix, .heatmap, .k-timing') || !few && !table.querySelector('td.reason')) return;
  table.classList.add('stacked');
  // Laid out otherwise than as a table, it says itself that it is one.
  [[table, 'table'], ...[table.tHead, ...table.tBodies, table.tFoot].filter(Boolean).map(part => [part, 'rowgroup']), ...[...table.rows].map(row => [row, 'row']), ...heads.map(head => [head, 'columnheader'])].forEach(([part, role]) => part.setAttribute('role', role));
  rows.forEach(row => [...row.cells].forEach((cell, place) => {
    cell.setAttribute('role', place ? 'cell' : 'rowheader');
    // What the row is called says itself what it is; a number doesn't.
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

// Another window is another page of this file; the filter and an open customer go along.
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

// A chart of many points is one stop of the keyboard: arrows lead from point to point, Enter opens a page.
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

// Of a long table the first rows stand on paper, and how many there are.
const ON_PAPER = 20;
addEventListener('beforeprint', () => document.querySelectorAll('main .scroll > table').forEach(table => {
  const shown = [...table.tBodies].flatMap(body => [...body.rows]).filter(row => !row.hidden && !row.classList.contains('out'));
  const said = table.parentElement.querySelector('.cut') || element('p', 'cut');
  shown.forEach((row, place) => row.classList.toggle('off-paper', place >= ON_PAPER));
  said.textContent = shown.length > ON_PAPER ? say('The first {few} of {n}', { few: ON_PAPER, n: grouped(shown.length) }) : '';
  table.after(said);
}));
