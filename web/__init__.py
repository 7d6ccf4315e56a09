"""The web chat: what the page is made of. `page.build_page(engine)` and `page.serve(page, host, port)`."""

import os

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # before anything imports gradio: nobody is told that it runs
