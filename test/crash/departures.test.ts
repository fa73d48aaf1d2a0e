// kill -9 at each await of the second half of the list: letters, postbox, store, tick (TRUST F2).
import { killEverywhere } from './kill-everywhere.ts';

killEverywhere(1);
