// Trunk's post_build hook: what is done to the built page. Trunk runs the hooks of a stage side by side; these steps
// build on each other, so they are one hook. For development only the policy is written, since building quickly matters more.

import { addPolicy } from "./policy.mjs";
import { minify } from "./minify.mjs";
import { orderFunctions } from "./wasm/order-functions.mjs";
import { pack } from "./wasm/pack.mjs";
import { splitPage } from "./wasm/split-page.mjs";

const folder = process.env.TRUNK_STAGING_DIR;
if (process.env.TRUNK_PROFILE !== "debug") {
  await splitPage(folder);
  await orderFunctions(folder);
  await minify(folder);
  await pack(folder);
}
await addPolicy(folder);
