// One filter for the page, shown once all customers are unpacked: sections with figures per customer follow it, and the others say that they don't.
const filters = ['rep', 'market', 'tier', 'group'].map(key => ({ key, select: by('filter-' + key) }));
const inUse = () => filters.filter(({ select }) => select.value);
// `of` returns a property of a customer: its rep, or its product groups.
const passes = of => inUse().every(({ key, select }) => [of(key)].flat().includes(select.value));
const listed = [...document.querySelectorAll('main tr[data-tier]')];
const groupsOf = row => (row.dataset.group || '').split(' ').map(place => data.groups[place]);
const sayWhose = values => document.querySelectorAll('main > section:not(#headline):not(#customers)').forEach(section => {
  section.dataset.of = ofRep(section, values) ? say('Of this rep, with all its customers') : follows(section, values) ? say('Of your choice') : section.querySelector('tr[data-tier]') ? say('Lists of your choice, other figures of all customers') : say('Of all customers');
});
const filter = () => {
  listed.forEach(row => row.classList.toggle('out', !passes(key => key === 'group' ? groupsOf(row) : row.dataset[key])));
  const choosing = inUse().length > 0, chosen = choosing ? everyone.filter(one => passes(key => one[key])) : null;
  document.body.classList.toggle('choosing', choosing);
  by('filtered').textContent = choosing ? say('{n} of {all} customers', { n: grouped(chosen.length), all: grouped(everyone.length) }) : '';
  by('choice-finding').textContent = inUse().map(({ select }) => `${select.previousSibling.textContent.trim()}: ${select.value}`).join(' · ');
  const values = Object.fromEntries(inUse().map(({ key, select }) => [key, select.value]));
  sayWhose(values);
  follow(chosen, values);
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

// The search. Customers without a page have no row in the list: the first ones found are shown, with a note.
const rows = [...listRows.values()];
const texts = rows.map(row => plainText(row.textContent));
const SHOWN = 50, foundRows = element('tbody');
const withoutPage = everyone.filter(one => !hasPage(one.id));
let plainIndex = null;
const lookUp = words => {
  if (!words.length && !inUse().length) return [];
  plainIndex ||= withoutPage.map(one => plainText([one.name, placeOf(one), one.tier].join(' ')));
  return withoutPage.filter((one, place) => words.every(word => plainIndex[place].includes(word)) && passes(key => one[key]));
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
document.querySelector('main').removeAttribute('aria-busy');
