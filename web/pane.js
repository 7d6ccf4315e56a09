/* Runs once, in the source pane: `element`, `trigger` and `watch` are given by Gradio.
   Links of the conversation carry their reference in the href; what it names is looked up on the server. */
const REFERENCE = 'a[href^="#cite-"], a[href^="#related-"]';
const page = document.documentElement;
let opener = null;  // the link of the conversation that the source was opened by
let isByKeyboard = false;

document.addEventListener('click', (event) => {
  const target = event.target instanceof Element ? event.target : null;
  const tool = target && target.closest('a.wd-tool');
  if (tool) {
    event.preventDefault();
    event.stopPropagation();
    if (tool.getAttribute('href') === '#copy') copy(tool);
    else change(tool.getAttribute('href'));
    return;
  }
  const part = target && target.closest('#wd-pane a.wd-part');
  if (part) {
    event.preventDefault();
    trigger('open_part', {doc: part.dataset.doc, article: Number(part.dataset.article)});
    return;
  }
  const link = target && target.closest(REFERENCE);
  if (link) {
    event.preventDefault();
    event.stopPropagation();
    if (!element.contains(link)) {
      opener = link;
      isByKeyboard = event.detail === 0;
    }
    page.classList.add('wd-open');  // on a narrow screen the pane is a sheet that comes up
    trigger('cite', {href: link.getAttribute('href')});
    showPlace();  // the same citation again: nothing will change, but the reader wants to see it
    if (element.querySelector(`[data-open="${link.getAttribute('href')}"]`)) setTimeout(moveFocus, 50);
  } else if (target && target.closest('.wd-close')) {
    leave();
  }
}, true);

document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') leave();
});

/* The sheet goes, and the keyboard back to the link that opened the source. */
function leave() {
  const isInside = element.contains(document.activeElement);
  page.classList.remove('wd-open');
  if (isInside && opener) opener.focus();
}

/* A question comes back into the box, to be changed; the keyboard goes there with it. */
function change(href) {
  trigger('change_question', {href});
  document.querySelector('#wd-box textarea').focus();
}

/* The answer as it is read, and the articles that it was taken from. */
async function copy(tool) {
  const message = tool.closest('.wd-answer, .wd-refusal');
  const named = [...message.querySelectorAll('a.wd-chip-article, a.wd-related-link')]
    .map((link) => [...link.childNodes].map((one) => one.textContent).join(' '));
  const text = [message.querySelector('.wd-text').innerText, ...named].join('\n');
  const says = tool.textContent;
  tool.textContent = await write(text) ? '✓' : '✗';
  setTimeout(() => { tool.textContent = says; }, 1500);
}

/* Where the page is not served in a secure way, a browser has no clipboard but the old one. */
async function write(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text).then(() => true, () => false);
  const area = document.createElement('textarea');
  area.value = text;
  document.body.append(area);
  area.select();
  const done = document.execCommand('copy');
  area.remove();
  return done;
}

function showPlace() {
  const body = element.querySelector('.wd-body');
  const lit = body && body.querySelector('mark');
  if (body) {
    const above = lit ? lit.getBoundingClientRect().top - body.getBoundingClientRect().top : 0;
    body.scrollTop = lit ? Math.max(0, body.scrollTop + above - body.clientHeight / 4) : 0;
  }
  markOpenLink();
}

/* Who opened the source by keyboard reads on there. */
function moveFocus() {
  const body = element.querySelector('.wd-body');
  if (isByKeyboard && body) body.focus({preventScroll: true});
  isByKeyboard = false;
}

function markOpenLink() {
  const source = element.querySelector('[data-open]');
  const open = source ? source.getAttribute('data-open') : '';
  for (const link of document.querySelectorAll('a.wd-cite, a.wd-related-link')) {
    if (link.getAttribute('href') === open) link.setAttribute('aria-current', 'true');
    else link.removeAttribute('aria-current');
  }
}

watch('value', () => requestAnimationFrame(() => { showPlace(); moveFocus(); }));
