// The one entry: everything else is imported from here, so that each module exists once.
import "./answers.js";
import "./board.js";
import "./clock.js";
import "./copy.js";
import "./dialog.js";
import "./keys.js";
import "./lines.js";
import "./live.js";
import "./now.js";
import "./tabs.js";
import "./theme.js";
import "./ticks.js";
import "./toast.js";
import "./today.js";
