// Charts of a choice, drawn like those of all customers, so that the same figures give the same picture.
const [WIDE, HIGH, LEFT, RIGHT, TOP, BOTTOM] = [640, 300, 80, 28, 16, 34];

// About that many of the points, evenly spaced, always with the last one.
const thinned = (points, about) => {
  const step = Math.max(1, Math.ceil(points.length / about));
  return points.filter((_, place) => (place + 1) % step === 0 || place + 1 === points.length);
};
const least = (values, first) => values.reduce((low, value) => Math.min(low, value), first);
const most = (values, first) => values.reduce((high, value) => Math.max(high, value), first);

// Over customers, 0 to 100 % from left to right.
const curves = ({ title, across, up, low, high, rules, lines, tips, area }) => {
  const x = share => LEFT + share * (WIDE - LEFT - RIGHT);
  const y = value => TOP + (high - value) / (high > low ? high - low : 1) * (HIGH - TOP - BOTTOM);
  const near = number => number.toFixed(1);
  const chart = svg('svg', { viewBox: `0 0 ${WIDE} ${HIGH + 10}`, role: 'group', 'aria-label': title });
  chart.append(svg('text', { class: 'tick axis', x: LEFT, y: 11 }, up), svg('text', { class: 'tick axis', x: WIDE - RIGHT, y: HIGH + 4, 'text-anchor': 'end' }, across));
  rules.forEach(([value, name, label]) => chart.append(
    svg('line', { class: 'rule ' + name, x1: LEFT, x2: WIDE - RIGHT, y1: near(y(value)), y2: near(y(value)) }),
    svg('text', { class: 'tick ' + name, x: LEFT - 8, y: near(y(value) + 4), 'text-anchor': 'end' }, label)));
  [0, 20, 40, 60, 80, 100].forEach(whole => chart.append(svg('text', { class: 'tick', x: near(x(whole / 100)), y: HIGH - 12, 'text-anchor': 'middle' }, whole + data.percent)));
  lines.forEach(([name, line]) => {
    const path = line.map(([share, value]) => `${near(x(share))},${near(y(value))}`).join(' ');
    if (area) chart.append(svg('path', { class: 'area ' + name, d: `M${near(x(line[0][0]))},${near(y(0))} L${path} L${near(x(line.at(-1)[0]))},${near(y(0))} Z` }));
    chart.append(svg('polyline', { class: 'line ' + name, points: path }));
  });
  tips.forEach(([share, value, text]) => {
    const point = svg('g', { class: 'point', tabindex: 0, role: 'img', 'aria-label': text, 'data-tip': text });
    point.append(svg('rect', { class: 'hit', x: near(x(share) - 20), y: TOP, width: 40, height: HIGH - TOP - BOTTOM }), svg('circle', { cx: near(x(share)), cy: near(y(value)), r: 4 }));
    chart.append(point);
  });
  return chart;
};

// Layers of a pyramid, each with a name, a label and whether it loses.
const layers = (title, shown) => {
  const [width, high, middle, labels] = [520, 42, 150, 316], half = depth => 8 + (middle - 10) * depth / shown.length;
  const chart = svg('svg', { viewBox: `0 0 ${width} ${high * shown.length + 4}`, role: 'img', 'aria-label': title });
  chart.append(svg('title', {}, title));
  shown.forEach(([name, label, loses], place) => {
    const [upper, lower] = [half(place), half(place + 1)], [y1, y2] = [place * high + 2, (place + 1) * high - 1], centre = (y1 + y2) / 2;
    chart.append(
      svg('path', { class: `layer${loses ? ' losing' : ''} layer-${place}`, d: `M${middle - upper},${y1} L${middle + upper},${y1} L${middle + lower},${y2} L${middle - lower},${y2} Z` }),
      svg('text', { x: labels, y: centre - 1, class: 'layer-name' }, name), svg('text', { x: labels, y: centre + 14, class: 'layer-label' }, label));
  });
  return chart;
};

// A waterfall from one sum to another: each column has a name, an amount and whether it starts at zero.
const steps = (title, up, shown) => {
  const [height, head, top, bottom] = [240, 16, 24, 28], step = WIDE / shown.length;
  const chart = svg('svg', { class: 'steps', viewBox: `0 ${-head} ${WIDE} ${height + head}`, role: 'group', 'aria-label': title });
  let level = 0;
  const ends = shown.map(([, amount, sum]) => { const from = sum ? 0 : level; level = from + amount; return [from, level]; });
  const low = least(ends.flat(), 0), high = most(ends.flat(), 0), largest = most(shown.map(([, amount]) => Math.abs(amount)), 0);
  const y = value => top + (high - value) / Math.max(1, high - low) * (height - top - bottom);
  chart.append(svg('text', { class: 'tick axis', x: 0, y: -5 }, axis(up, largest)));
  const crowded = shown.some(([name]) => [...name].length > 13);
  shown.forEach(([name, amount, sum], place) => {
    const [from, to] = ends[place], [upper, lower] = [y(Math.max(from, to)), y(Math.min(from, to))];
    const x = place * step + step * .14, width = step * .72, centre = (x + width / 2).toFixed(1);
    const kind = sum ? amount < 0 ? 'layer losing' : 'layer' : amount < 0 ? 'fall' : 'rise';
    const sign = !sum && amount > 0 ? '+' : '', said = `${name}: ${sign}${toUnit(amount)}`;
    const column = svg('g', { class: 'point', tabindex: 0, role: 'img', 'aria-label': said, 'data-tip': said });
    column.append(
      svg('rect', { class: 'hit', x: (place * step).toFixed(1), y: '0.0', width: step.toFixed(1), height: height.toFixed(1) }),
      svg('rect', { class: kind, x: x.toFixed(1), y: upper.toFixed(1), width: width.toFixed(1), height: Math.max(1, lower - upper).toFixed(1) }),
      svg('text', { class: 'step-amount', x: centre, y: (upper - 6).toFixed(1), 'text-anchor': 'middle' }, sign + onAxis(amount, largest)),
      svg('text', { class: place % 2 ? 'tick low' : 'tick', x: centre, y: crowded ? place % 2 ? height - 4 : height - 16 : height - 8, 'text-anchor': 'middle' }, name));
    chart.append(column);
  });
  chart.append(svg('line', { class: 'rule zero', x1: 0, x2: WIDE, y1: y(0).toFixed(1), y2: y(0).toFixed(1) }));
  return chart;
};

// Customers around the median of their peers: nine in ten are within the axes, the others are drawn at the edge.
const scatter = ({ title, across, up, corners, dots }) => {
  const [height, left, right, top, bottom] = [400, 46, 16, 22, 42];
  const limit = values => Math.max(1, Math.ceil((values.map(Math.abs).sort((one, other) => one - other)[Math.max(0, Math.ceil(values.length * .9) - 1)] || 0) / 50)) * 50;
  const wide = limit(dots.map(dot => dot.across)), high = limit(dots.map(dot => dot.up));
  const within = (value, end) => Math.max(-end, Math.min(end, value));
  const x = value => left + (within(value, wide) + wide) / (2 * wide) * (WIDE - left - right), y = value => top + (high - within(value, high)) / (2 * high) * (height - top - bottom);
  const chart = svg('svg', { class: 'scatter', viewBox: `0 0 ${WIDE} ${height}`, role: 'group', 'aria-label': title });
  chart.append(svg('text', { class: 'tick axis', x: left, y: 12 }, up), svg('text', { class: 'tick axis', x: WIDE - right, y: height - 4, 'text-anchor': 'end' }, across),
    svg('line', { class: 'rule zero', x1: left, x2: WIDE - right, y1: y(0), y2: y(0) }), svg('line', { class: 'rule zero', x1: x(0), x2: x(0), y1: top, y2: height - bottom }));
  const written = tenths => (tenths > 0 ? '+' : '') + signed(tenths / 10);
  [[-wide, 'start'], [0, 'middle'], [wide, 'end']].forEach(([value, anchor]) => chart.append(svg('text', { class: 'tick', x: x(value).toFixed(1), y: height - 26, 'text-anchor': anchor }, written(value))));
  [-high, 0, high].forEach(value => chart.append(svg('text', { class: 'tick', x: left - 8, y: (y(value) + 4).toFixed(1), 'text-anchor': 'end' }, written(value))));
  dots.forEach(({ across, up, size, losing, text, opens }, place) => {
    const dot = svg('g', { class: losing ? 'dot losing' : 'dot', tabindex: place ? -1 : 0, role: opens ? 'button' : 'img', 'aria-label': text, 'data-tip': text });
    if (opens) dot.dataset.open = opens;
    dot.append(svg('circle', { cx: x(across).toFixed(1), cy: y(up).toFixed(1), r: (3 + 9 * Math.sqrt(size)).toFixed(1) }));
    chart.append(dot);
  });
  corners.forEach((corner, place) => {
    const lines = corner.split(/(?<=, )/), first = place < 2 ? top + 14 : height - bottom - 8 - 17 * (lines.length - 1);
    lines.forEach((line, number) => chart.append(svg('text', { class: 'corner', x: place % 2 ? WIDE - right - 6 : left + 6, y: first + 17 * number, 'text-anchor': place % 2 ? 'end' : 'start' }, line.trim())));
  });
  return chart;
};
