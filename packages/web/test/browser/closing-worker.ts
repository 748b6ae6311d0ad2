// The order counts: frames are counted from the first on.
import './count-closed.ts';
import './fake-worker.ts';
