// Counts the frames that are closed in this worker; asked, it says how many.
const { close } = VideoFrame.prototype;
let closed = 0;
VideoFrame.prototype.close = function () {
  closed++;
  close.call(this);
};

globalThis.addEventListener('message', ({ data }: MessageEvent<{ readonly count?: boolean }>) => {
  if (data.count === true) setTimeout(() => globalThis.postMessage({ closed }), 1000);
});

export {};
