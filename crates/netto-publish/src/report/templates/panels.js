// A page opens over the report; the address names it, and printing prints it alone.
const panels = { customer: by('customer-panel'), employee: by('employee-panel') };

const pages = {
  customer: id => {
    const all = data.customers, customer = all.pages[id];
    by('panel-name').textContent = customer.name;
    by('panel-note').textContent = `${id} · ${customer.place} · amounts in ${data.currency}`;
    facts(by('panel-facts'), all.facts, customer.facts);
    waterfall(by('panel-waterfall'), customer, amount);
    const [lowest, highest, certain] = customer.band || [];
    const verdict = !certain ? 'may earn or lose' : lowest < 0 ? 'loses for certain' : 'earns for certain';
    by('panel-band').textContent = customer.band ? `Net profit between ${amount(lowest)} and ${amount(highest)}, as minutes and quantities are uncertain: ${verdict}.` : '';
    activities(customer);
    trend(by('panel-trend'), customer);
    tables(by('panel-tables'), all.tables, customer.tables);
    plan(id, customer);
  },
  employee: id => {
    const all = data.employees, employee = all.pages[id];
    by('employee-name').textContent = employee.name;
    by('employee-note').textContent = [id, employee.place, `amounts in ${data.currency}`].filter(Boolean).join(' · ');
    facts(by('employee-facts'), all.facts, employee.facts);
    tables(by('employee-tables'), all.tables, employee.tables);
  },
};

const activities = customer => {
  const rows = customer.activities.map(([index, quantity, cents]) => {
    const [label, method, pool] = data.customers.activities[index];
    const row = element('tr');
    const unit = method === 'time' ? ' min' : method === 'direct' ? ' bookings' : '';
    const title = element('th', '', label);
    title.append(element('small', '', pool));
    row.append(title, element('td', '', amount(quantity) + unit), element('td', '', amount(cents)));
    return row;
  });
  by('panel-activities').replaceChildren(...rows);
};

// One sheet of paper for the conversation.
const plan = (id, customer) => {
  const all = data.customers;
  by('plan-name').textContent = customer.name;
  by('plan-note').textContent = `${id} · ${customer.place}`;
  facts(by('plan-facts'), all.facts, customer.facts);
  waterfall(by('plan-waterfall'), customer, whole);
  trend(by('plan-trend'), customer, 130);
  tables(by('plan-peers'), all.tables.filter(head => head.key === 'peers'), customer.tables, true);
  tables(by('plan-tables'), all.tables.filter(head => head.key !== 'peers'), customer.tables, true);
};

const close = () => {
  Object.values(panels).forEach(panel => panel.open && panel.close());
  history.replaceState(null, '', location.pathname + location.search);
};
const open = (kind, id) => {
  const known = data[kind + 's'].pages;
  if (!Object.hasOwn(known, id)) return;
  Object.entries(panels).forEach(([other, panel]) => other !== kind && panel.open && panel.close());
  const panel = panels[kind];
  pages[kind](id);
  panel.dataset[kind] = id;
  if (!panel.open) panel.showModal();
  panel.scrollTop = 0;
  history.replaceState(null, '', `#${kind}=${encodeURIComponent(id)}`);
};
