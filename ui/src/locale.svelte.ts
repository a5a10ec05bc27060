/** The locale of the words now on the screen; the view from the till decides it. */
export const locale = $state({ code: 'en' });
