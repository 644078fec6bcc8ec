// A page opens over the report; the address names it, and printing prints only that page.
const panels = { customer: by('customer-panel'), employee: by('employee-panel') };

const pages = {
  customer: id => {
    const all = data.customers, customer = customerPage(id);
    by('panel-name').textContent = customer.name;
    by('panel-note').textContent = `${id} · ${customer.place} · ${say('amounts in {currency}', data)}`;
    facts(by('panel-facts'), all.facts, customer.facts);
    waterfall(by('panel-waterfall'), customer, amount);
    const [lowest, highest, certain] = customer.band || [];
    const ends = { low: amount(lowest || 0), high: amount(highest || 0) };
    const verdict = !certain ? say('Net profit between {low} and {high}, as minutes and quantities are uncertain: may earn or lose.', ends) : lowest < 0 ? say('Net profit between {low} and {high}, as minutes and quantities are uncertain: loses for certain.', ends) : say('Net profit between {low} and {high}, as minutes and quantities are uncertain: earns for certain.', ends);
    by('panel-band').textContent = customer.band ? verdict : '';
    activities(customer);
    by('panel-months').textContent = ofMonths(customer);
    by('panel-keys').hidden = !earns(customer);
    trend(by('panel-trend'), customer);
    tables(by('panel-tables'), all.tables, customer.tables);
    plan(id, customer);
  },
  employee: id => {
    const all = data.employees, employee = all.pages[id];
    by('employee-name').textContent = employee.name;
    by('employee-note').textContent = [id, employee.place, say('amounts in {currency}', data)].filter(Boolean).join(' · ');
    facts(by('employee-facts'), all.facts, employee.facts);
    tables(by('employee-tables'), all.tables, employee.tables);
  },
};

// Whether net profit is known; if not, nothing below the gross margin is shown.
const earns = customer => !customer.missing.includes(customer.steps.length - 1);
const ofMonths = customer => earns(customer) ? say('Revenue and net profit by month') : say('Revenue by month');

const activities = customer => {
  const rows = customer.activities.map(([index, quantity, cents]) => {
    const [label, method, pool] = data.customers.activities[index];
    const row = element('tr');
    const unit = method === 'time' ? ' ' + say('min') : method === 'direct' ? ' ' + say('bookings') : '';
    const title = element('th', '', label);
    title.append(element('small', '', pool));
    row.append(title, element('td', '', amount(quantity) + unit), element('td', '', amount(cents)));
    return row;
  });
  by('panel-activities').replaceChildren(...rows);
};

// One sheet of paper for the conversation: an internal one with what the customer earns us, or one for the customer with what it may see.
const plan = (id, customer, outward = false) => {
  by('plan-kind').textContent = outward ? say('What we agree') : say('Account plan, for ourselves');
  by('plan-with').textContent = outward ? say('Agreed with') : say('Prepared by');
  by('plan-name').textContent = customer.name;
  (outward ? sheet : inside)(id, customer, data.customers);
};
const inside = (id, customer, all) => {
  by('plan-note').textContent = `${id} · ${customer.place}`;
  facts(by('plan-facts'), all.facts, customer.facts);
  const steps = element('div'), months = element('div'), peers = element('div', 'peers'), keys = element('p', 'note');
  keys.append(element('span', 'key light', say('Revenue')), element('span', 'key cost', say('Net profit')));
  by('plan-profit').replaceChildren(element('h2', '', say('From list revenue to net profit')), steps);
  by('plan-months').replaceChildren(element('h2', '', ofMonths(customer)), ...(earns(customer) ? [keys] : []), months, peers);
  waterfall(steps, customer, whole);
  trend(months, customer, 130);
  tables(peers, all.tables.filter(head => head.key === 'peers'), customer.tables, true);
  tables(by('plan-tables'), all.tables.filter(head => head.key !== 'peers'), customer.tables, true);
};
// The sheet has no margin, cost, profit or chance of leaving, because only columns that are listed appear on it.
const sheet = (id, customer, all) => {
  by('plan-note').textContent = id;
  facts(by('plan-facts'), all.facts, all.facts.map((label, place) => all.outward.includes(label) ? customer.facts[place] : null));
  const months = element('div');
  by('plan-profit').replaceChildren();
  by('plan-months').replaceChildren(element('h2', '', say('Revenue by month')), months);
  trend(months, { ...customer, trend: customer.trend.map(([month, revenue]) => [month, revenue, 0]) }, 130, false);
  const heads = all.tables.filter(head => head.outward), given = {};
  heads.forEach(head => {
    const [lines] = customer.tables[head.key] || [[]];
    const text = given => typeof given === 'string' ? given : given.t || '';
    const shown = lines.filter(line => head.key !== 'remedies' || line[0].p && text(line[2]));
    const plain = shown.map(line => head.outward.columns.map(([place]) => text(line[place])));
    if (plain.length) given[head.key] = [plain];
  });
  tables(by('plan-tables'), heads.map(head => ({ ...head, title: head.outward.title, heads: head.outward.columns.map(([, heading]) => heading), plan: 6 })), given, true);
};

const close = () => {
  Object.values(panels).forEach(panel => panel.open && panel.close());
  history.replaceState(null, '', location.pathname + location.search);
};
const open = (kind, id, isNew = true) => {
  if (kind === 'customer' ? !hasPage(id) : !Object.hasOwn(data.employees.pages, id)) return;
  Object.entries(panels).forEach(([other, panel]) => other !== kind && panel.open && panel.close());
  const panel = panels[kind];
  pages[kind](id);
  panel.dataset[kind] = id;
  if (!panel.open) panel.showModal();
  panel.scrollTop = 0;
  const address = `#${kind}=${encodeURIComponent(id)}`;
  if (isNew && location.hash !== address) history.pushState(null, '', address);
};
