import { start } from "./harbour.mjs";
const host = await start();
const h = await host.open();
h.page.setDefaultTimeout(8000);
await h.page.waitForTimeout(1500);
await h.page.screenshot({ path: "/tmp/look1.png" });
try {
  await h.speed(30);
  await h.page.locator("button.apply").click();
  await h.page.waitForTimeout(4000);
  console.log(await h.run("kubectl get pods -o wide; kubectl get nodes"));
} catch (e) { console.log(e.message); }
await h.page.screenshot({ path: "/tmp/look2.png" });
console.log(h.complaints);
await host.stop();
