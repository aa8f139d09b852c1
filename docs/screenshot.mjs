// Takes the picture of README.md: node docs/screenshot.mjs, after ./dev build.
import { start } from "../tests/e2e/harbour.mjs";
const host = await start();
const harbour = await host.open({ viewport: { width: 1280, height: 800 } });
await harbour.speed(10);
await harbour.page.locator("button.apply").click();
await harbour.readyPods("web", 3);
await harbour.run("kubectl create deployment api --image redis:7 --replicas 4");
await harbour.readyPods("api", 4);
await harbour.run("sed 's/: web/: db/; s/cpu: 250m/cpu: 5/; s/replicas: 3/replicas: 1/' web.yaml | kubectl apply -f -");
await harbour.speed(1);
await harbour.run("kubectl scale deployment api --replicas=7");
await harbour.page.waitForTimeout(2200);
await harbour.page.locator(`.picture .is-queued, .picture [role=option][aria-label^="db-"]`).first().click();
await harbour.page.waitForTimeout(300);
await harbour.page.screenshot({ path: new URL("screenshot.png", import.meta.url).pathname });
await harbour.close();
await host.stop();
