/* Runs once, in the listing of the documents tab: a click on an article opens it beside. */
element.addEventListener('click', (event) => {
  const link = event.target instanceof Element ? event.target.closest('a.wd-article-link') : null;
  if (!link) return;
  event.preventDefault();
  for (const other of element.querySelectorAll('[aria-current]')) other.removeAttribute('aria-current');
  link.setAttribute('aria-current', 'true');
  trigger('open', {doc: link.dataset.doc, article: Number(link.dataset.article)});
});
