/* Runs once, where an article of the documents tab is read; on a narrow screen that is below the list. */
const NARROW = '(max-width: 860px)';
let opener = null;  // the link of the listing that the article was opened by
let isByKeyboard = false;

document.addEventListener('click', (event) => {
  const target = event.target instanceof Element ? event.target : null;
  const link = target && target.closest('a.wd-article-link, #wd-article a.wd-part');
  if (link) {
    if (!element.contains(link)) opener = link;
    isByKeyboard = event.detail === 0;
  } else if (target && target.closest('#wd-article a.wd-back')) {
    event.preventDefault();
    leave();
  }
}, true);

element.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') leave();
});

/* Back to the link that opened the article, or to the list where that was made anew meanwhile. */
function leave() {
  const place = opener && opener.isConnected ? opener : document.querySelector('#wd-listing a.wd-article-link');
  if (!place) return;
  place.scrollIntoView({block: 'center'});
  place.focus({preventScroll: true});
}

watch('value', () => requestAnimationFrame(() => {
  const body = element.querySelector('.wd-body');
  if (!body) return;
  if (matchMedia(NARROW).matches) element.scrollIntoView();
  if (isByKeyboard) body.focus({preventScroll: true});
  isByKeyboard = false;
}));
