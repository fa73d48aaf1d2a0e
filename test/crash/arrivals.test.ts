// kill -9 at each await of the first half of the list: desk, doors for mail, gateway (TRUST F2).
import { killEverywhere } from './kill-everywhere.ts';

killEverywhere(0);
