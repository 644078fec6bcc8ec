document.addEventListener('click', event => {
  const { target } = event;
  const link = target.closest('[data-open]');
  if (link) return open('customer', link.dataset.open);
  const row = target.closest('tr[data-customer], tr[data-employee]');
  if (row) return row.dataset.customer === undefined ? open('employee', row.dataset.employee) : open('customer', row.dataset.customer);
  if (Object.values(panels).includes(target) || target.closest('.close')) close();
  const print = target.closest('.print');
  if (print) {
    const id = panels.customer.open && panels.customer.dataset.customer;
    if (id) plan(id, customerPage(id), print.dataset.for === 'customer');
    window.print();
    if (id) plan(id, customerPage(id));
  }
});
const fromAddress = () => {
  const match = location.hash.match(/^#(customer|employee)=(.+)$/);
  // Back closes a page, or opens the one before.
  if (!match) return Object.values(panels).forEach(panel => panel.open && panel.close());
  try { open(match[1], decodeURIComponent(match[2]), false); } catch { /* a mangled address opens nobody */ }
};
window.addEventListener('hashchange', fromAddress);
// Escape closes a page without a click, because the page follows the address.
Object.values(panels).forEach(panel => panel.addEventListener('cancel', event => { event.preventDefault(); close(); }));
fromAddress();

// On a phone the filter is behind a button.
const unfold = document.querySelector('.unfold');
unfold.addEventListener('click', () => unfold.setAttribute('aria-expanded', unfold.getAttribute('aria-expanded') === 'false'));

// An open menu of contents closes on a click outside it or on a section, and on Escape.
const menus = [...document.querySelectorAll('.contents details')];
document.addEventListener('click', ({ target }) => menus.forEach(menu => { if (!menu.contains(target) || target.closest('a')) menu.open = false; }));
document.querySelector('.contents').addEventListener('keydown', ({ key, target }) => {
  const menu = target.closest('details');
  if (key !== 'Escape' || !menu.open) return;
  menu.open = false;
  menu.firstElementChild.focus();
});
