/* Runs once, in the list of conversations: open one, rename or delete it. What is named is looked up on the server. */
const NARROW = '(max-width: 860px)';

element.addEventListener('click', (event) => {
  const button = event.target instanceof Element ? event.target.closest('button[data-act]') : null;
  if (!button) return;
  const key = button.closest('li').dataset.key;
  const list = button.closest('ul');
  if (button.dataset.act === 'rename') {
    const title = prompt(list.dataset.renameTo, button.closest('li').dataset.title);
    if (title !== null) trigger('rename', {key, title});
  } else if (button.dataset.act === 'remove') {
    if (confirm(list.dataset.removeSure)) trigger('remove', {key});
  } else {
    trigger('choose', {key});
    uncover();
  }
});

const sidebar = element.closest('.sidebar');
const handle = sidebar.querySelector('.toggle-button');
handle.setAttribute('aria-label', document.documentElement.lang.startsWith('zh') ? '对话记录' : 'Conversations');
sidebar.addEventListener('click', (event) => {
  if (event.target instanceof Element && event.target.closest('#wd-new')) uncover();
});

/* On a narrow screen the sidebar covers the conversation: it goes when there is something to see. */
function uncover() {
  if (matchMedia(NARROW).matches && sidebar.classList.contains('open')) handle.click();
}
