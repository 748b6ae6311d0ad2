/** The vendor's own factory; src/vendor.ts says what comes of it. */
declare const createModule: (settings: object) => Promise<unknown>;
export default createModule;
