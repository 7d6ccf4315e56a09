/* Runs once, in the head: names that Gradio gives in English or not at all, in the language of the page. */
(() => {
const isChinese = document.documentElement.lang.startsWith('zh');
const NAMED = [
  ['#wd-box .submit-button', '发送', 'Send'],
  ['#wd-box .stop-button', '停止', 'Stop'],
  ['#wd-chat button[aria-label="Feedback"]', '说说原因', 'Say why'],
  ['#wd-chat [role="log"]', '对话', 'Conversation'],
  ['#wd-chat button[aria-label="Scroll to bottom"]', '到最下面', 'Scroll to bottom'],
  ['#wd-add button[aria-label="Click to upload or drop files"]', '点击或拖放文件来添加', 'Click or drop files to add them'],
  ['.toast-close', '关闭', 'Close'],
];
const TOASTS = {Info: '提示', Warning: '注意', Error: '没有成功', Success: '完成'};

/* Set only where they differ: this runs after each change. */
function setName(one, says) {
  if (one.getAttribute('aria-label') !== says) one.setAttribute('aria-label', says);
  if (one.title && one.title !== says) one.title = says;
}

function nameControls() {
  for (const [where, chinese, english] of NAMED) {
    for (const one of document.querySelectorAll(where)) setName(one, isChinese ? chinese : english);
  }
  for (const one of document.querySelectorAll('[aria-label^="number input for "], [aria-label^="range slider for "]')) {
    setName(one, one.getAttribute('aria-label').replace(/^(number input|range slider) for /, ''));
  }
  for (const one of document.querySelectorAll('button[aria-label="Reset to default value"]')) {
    const of = one.closest('.block')?.querySelector('label')?.textContent.trim() ?? '';
    setName(one, isChinese ? `恢复原值：${of}` : `Reset: ${of}`);
  }
  if (isChinese) {
    for (const one of document.querySelectorAll('.toast-title')) {
      const title = one.firstChild;
      const says = title?.nodeType === Node.TEXT_NODE && TOASTS[title.data.trim()];
      if (says) title.data = `${says} `;
    }
  }
}

/* Gradio labels each message with its markup, which a screen reader would spell out, and each first question in English:
   their text is enough. And it calls the first questions a list, which has no items: they are buttons. */
function dropNames() {
  document.querySelector('#wd-chat .examples[role]')?.removeAttribute('role');
  for (const one of document.querySelectorAll(
    '#wd-chat [data-testid][aria-label*="<"], #wd-chat .example[aria-label]')) {
    one.removeAttribute('aria-label');
  }
}

new MutationObserver(() => { nameControls(); dropNames(); }).observe(document.documentElement,
  {subtree: true, childList: true, attributes: true, attributeFilter: ['aria-label']});
})();
