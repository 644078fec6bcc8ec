'use strict';
(() => {
  const data = JSON.parse(document.getElementById('data').textContent);
  const panel = document.getElementById('customer-panel');
  const by = id => document.getElementById(id);

  // Cents as 1.234,50; the sign is a real minus.
  const amount = cents => {
    const size = Math.abs(cents), whole = Math.floor(size / 100), rest = String(size % 100).padStart(2, '0');
    const grouped = String(whole).replace(/\B(?=(\d{3})+(?!\d))/g, () => data.thousands);
    return (cents < 0 ? '−' : '') + grouped + data.decimal + rest;
  };
  const element = (tag, className, text) => {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  };

  // Bars from list revenue to net profit: sums stand on zero, steps hang where the last sum ended.
  const waterfall = customer => {
    const bars = [];
    let level = 0;
    customer.steps.forEach((cents, index) => {
      const kind = data.steps[index][2];
      const from = kind === 'sum' ? 0 : level;
      level = kind === 'sum' ? cents : kind === 'minus' ? level - cents : level + cents;
      bars.push([from, level]);
    });
    const band = customer.band || [];
    const ends = [...bars.flat(), ...band.slice(0, 2)];
    const low = Math.min(0, ...ends), high = Math.max(1, ...ends), span = high - low;
    const place = value => (value - low) / span * 100;
    const rows = customer.steps.map((cents, index) => {
      const [name, label, kind] = data.steps[index];
      const row = element('div', 'step ' + kind);
      const title = element('span', '', (kind === 'minus' ? '− ' : kind === 'plus' ? '+ ' : '= ') + label);
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
      const absent = customer.missing.includes(index) && cents === 0;
      if (!absent) track.prepend(bar);
      if (customer.missing.includes(index) && !absent && kind !== 'sum') title.append(element('small', 'absent', 'supplied in part'));
      const value = element('span', absent ? 'absent' : cents < 0 ? 'negative' : '', absent ? 'not supplied' : amount(cents));
      value.dataset.step = name;
      row.append(track, value);
      return row;
    });
    by('panel-waterfall').replaceChildren(...rows);
    const [lowest, highest, certain] = band;
    const verdict = !certain ? 'may earn or lose' : lowest < 0 ? 'loses for certain' : 'earns for certain';
    by('panel-band').textContent = customer.band ? `Net profit between ${amount(lowest)} and ${amount(highest)}, as minutes and quantities are uncertain: ${verdict}.` : '';
  };

  const activities = customer => {
    const rows = customer.activities.map(([index, quantity, cents]) => {
      const [label, method, pool] = data.activities[index];
      const row = element('tr');
      const unit = method === 'time' ? ' min' : method === 'direct' ? ' bookings' : '';
      row.append(element('th', '', label), element('td', 'left', pool), element('td', '', amount(quantity) + unit), element('td', '', amount(cents)));
      return row;
    });
    by('panel-activities').replaceChildren(...rows);
  };

  // Columns for revenue, a line for net profit.
  const trend = customer => {
    const svg = (name, attributes) => {
      const made = document.createElementNS('http://www.w3.org/2000/svg', name);
      Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
      return made;
    };
    const width = 640, height = 150, count = Math.max(1, data.months.length), step = width / count;
    const values = customer.trend.flatMap(point => [point[1], point[2]]);
    const low = Math.min(0, ...values), high = Math.max(1, ...values);
    const y = value => 8 + (high - value) / (high - low) * (height - 30);
    const chart = svg('svg', { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': 'Revenue and net profit by month' });
    customer.trend.forEach(([month, revenue]) => chart.append(svg('rect', { x: month * step + 1, width: Math.max(1, step - 2), y: Math.min(y(0), y(revenue)), height: Math.abs(y(0) - y(revenue)), class: 'area' })));
    chart.append(svg('line', { x1: 0, x2: width, y1: y(0), y2: y(0), class: 'rule zero' }));
    chart.append(svg('polyline', { class: 'line cost', style: 'stroke-dasharray:none', points: customer.trend.map(([month, , profit]) => `${(month + .5) * step},${y(profit)}`).join(' ') }));
    [0, count - 1].forEach((month, end) => {
      const label = svg('text', { x: end ? width : 0, y: height - 4, class: 'tick', 'text-anchor': end ? 'end' : 'start' });
      label.textContent = data.months[month] || '';
      chart.append(label);
    });
    by('panel-trend').replaceChildren(chart);
  };

  const open = id => {
    if (!Object.hasOwn(data.customers, id)) return;
    const customer = data.customers[id];
    by('panel-name').textContent = customer.name;
    by('panel-note').textContent = `${id} · ${customer.tier} · amounts in ${data.currency}`;
    waterfall(customer);
    activities(customer);
    trend(customer);
    panel.dataset.customer = id;
    if (!panel.open) panel.showModal();
    history.replaceState(null, '', '#customer=' + encodeURIComponent(id));
  };
  const close = () => { panel.close(); history.replaceState(null, '', location.pathname + location.search); };

  document.addEventListener('click', event => {
    const row = event.target.closest('tr[data-customer]');
    if (row) open(row.dataset.customer);
    if (event.target === panel || event.target.closest('.close')) close();
  });
  const fromAddress = () => {
    const match = location.hash.match(/^#customer=(.+)$/);
    if (!match) return;
    try { open(decodeURIComponent(match[1])); } catch { /* a mangled address opens nobody */ }
  };
  window.addEventListener('hashchange', fromAddress);
  fromAddress();

  const rows = [...document.querySelectorAll('#customers tr[data-customer]')];
  const texts = rows.map(row => row.textContent.toLowerCase());
  by('search').addEventListener('input', event => {
    const words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    rows.forEach((row, index) => {
      row.hidden = !words.every(word => texts[index].includes(word));
      shown += row.hidden ? 0 : 1;
    });
    by('found').textContent = words.length ? `${shown} found` : '';
  });
})();
