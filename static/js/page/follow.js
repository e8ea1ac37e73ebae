// A row or a list that scrolls keeps what is chosen in sight. It scrolls when the page has been laid out for the next
// picture: in the middle of a drawing it would force a layout.

/**
 * Gives `follow(node, key)`: brings a child of the list into its middle, if it is out of sight, when `key` is another than
 * before; null for the list's end. `settled` is called then, too.
 */
export function mountFollow(list, settled = () => {}) {
  let wanted = null;
  let known = null;
  const laidOut = new ResizeObserver(() => {
    laidOut.disconnect();
    if (!wanted) [list.scrollLeft, list.scrollTop] = [list.scrollWidth, list.scrollHeight];
    else show(wanted);
    settled();
  });

  function show({ offsetLeft: x, offsetTop: y, offsetWidth: wide, offsetHeight: high }) {
    const { scrollLeft: left, scrollTop: top, clientWidth: width, clientHeight: height } = list;
    if (x < left || x + wide > left + width) list.scrollLeft = x - (width - wide) / 2;
    if (y < top || y + high > top + height) list.scrollTop = y - (height - high) / 2;
  }

  return function follow(node, key) {
    wanted = node;
    if (key === known) return;
    known = key;
    laidOut.observe(list);
  };
}
