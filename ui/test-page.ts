/** The scroll and the layout of a real page, which the page of the tests lacks. */
Element.prototype.scrollIntoView = () => undefined;
window.matchMedia = ((media: string) => ({ media, matches: false, addEventListener: () => undefined, removeEventListener: () => undefined })) as never;
