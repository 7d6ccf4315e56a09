/* Runs once, in the listing of the documents tab: a click on an article opens it beside; ticked files can be taken out. */
element.addEventListener('click', (event) => {
  const target = event.target instanceof Element ? event.target : null;
  if (target && target.closest('.wd-take')) {
    const files = ticked();
    if (files.length && confirm(element.querySelector('.wd-library').dataset.sure + '\n' + files.join('\n'))) {
      trigger('take', {files});
    }
    return;
  }
  const link = target && target.closest('a.wd-article-link');
  if (!link) return;
  event.preventDefault();
  for (const other of element.querySelectorAll('[aria-current]')) other.removeAttribute('aria-current');
  link.setAttribute('aria-current', 'true');
  trigger('open', {doc: link.dataset.doc, article: Number(link.dataset.article)});
});

/* An article that goes on in another file names its parts where it is read. */
document.addEventListener('click', (event) => {
  const part = event.target instanceof Element ? event.target.closest('#wd-article a.wd-part') : null;
  if (!part) return;
  event.preventDefault();
  trigger('open', {doc: part.dataset.doc, article: Number(part.dataset.article)});
});

element.addEventListener('change', () => {
  const button = element.querySelector('.wd-take');
  if (button) button.disabled = ticked().length === 0;
});

function ticked() {
  return [...element.querySelectorAll('.wd-tick:checked')].map((box) => box.value);
}
