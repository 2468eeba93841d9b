// The files of page/ as bytes. C, because its compiler takes them as they are: the same as a Swift array costs 39 s for
// 110 KB (docs/decisions/0012-dashboard-in-the-executable.md).

#include "dashboard.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

#define HTML "text/html; charset=utf-8"
#define SCRIPT "text/javascript; charset=utf-8"
#define STYLE "text/css; charset=utf-8"
#define IMAGE "image/svg+xml"

static const unsigned char index_html[] = {
#embed "page/index.html"
};
static const unsigned char app_js[] = {
#embed "page/app.js"
};
static const unsigned char ansi_js[] = {
#embed "page/ansi.js"
};
static const unsigned char api_js[] = {
#embed "page/api.js"
};
static const unsigned char approvals_js[] = {
#embed "page/approvals.js"
};
static const unsigned char changes_js[] = {
#embed "page/changes.js"
};
static const unsigned char deed_js[] = {
#embed "page/deed.js"
};
static const unsigned char dialog_js[] = {
#embed "page/dialog.js"
};
static const unsigned char diff_js[] = {
#embed "page/diff.js"
};
static const unsigned char dom_js[] = {
#embed "page/dom.js"
};
static const unsigned char download_js[] = {
#embed "page/download.js"
};
static const unsigned char effect_js[] = {
#embed "page/effect.js"
};
static const unsigned char effects_js[] = {
#embed "page/effects.js"
};
static const unsigned char form_js[] = {
#embed "page/form.js"
};
static const unsigned char format_js[] = {
#embed "page/format.js"
};
static const unsigned char grant_js[] = {
#embed "page/grant.js"
};
static const unsigned char icon_svg[] = {
#embed "page/icon.svg"
};
static const unsigned char icons_js[] = {
#embed "page/icons.js"
};
static const unsigned char layer_js[] = {
#embed "page/layer.js"
};
static const unsigned char listbox_js[] = {
#embed "page/listbox.js"
};
static const unsigned char live_js[] = {
#embed "page/live.js"
};
static const unsigned char lockdown_js[] = {
#embed "page/lockdown.js"
};
static const unsigned char outputs_js[] = {
#embed "page/outputs.js"
};
static const unsigned char paged_js[] = {
#embed "page/paged.js"
};
static const unsigned char playbooks_js[] = {
#embed "page/playbooks.js"
};
static const unsigned char runs_js[] = {
#embed "page/runs.js"
};
static const unsigned char shellwords_js[] = {
#embed "page/shellwords.js"
};
static const unsigned char signin_js[] = {
#embed "page/signin.js"
};
static const unsigned char soon_js[] = {
#embed "page/soon.js"
};
static const unsigned char store_js[] = {
#embed "page/store.js"
};
static const unsigned char style_css[] = {
#embed "page/style.css"
};
static const unsigned char task_js[] = {
#embed "page/task.js"
};
static const unsigned char tasks_js[] = {
#embed "page/tasks.js"
};
static const unsigned char text_js[] = {
#embed "page/text.js"
};
static const unsigned char theme_js[] = {
#embed "page/theme.js"
};
static const unsigned char try_js[] = {
#embed "page/try.js"
};
static const unsigned char undo_js[] = {
#embed "page/undo.js"
};
static const unsigned char values_js[] = {
#embed "page/values.js"
};
static const unsigned char verify_js[] = {
#embed "page/verify.js"
};
static const unsigned char viewer_js[] = {
#embed "page/viewer.js"
};
static const unsigned char windowed_js[] = {
#embed "page/windowed.js"
};

#define FILE_OF(name, type, bytes) {name, type, bytes, sizeof bytes}

static const cd_file files[] = {
    FILE_OF("index.html", HTML, index_html),
    FILE_OF("app.js", SCRIPT, app_js),
    FILE_OF("ansi.js", SCRIPT, ansi_js),
    FILE_OF("api.js", SCRIPT, api_js),
    FILE_OF("approvals.js", SCRIPT, approvals_js),
    FILE_OF("changes.js", SCRIPT, changes_js),
    FILE_OF("deed.js", SCRIPT, deed_js),
    FILE_OF("dialog.js", SCRIPT, dialog_js),
    FILE_OF("diff.js", SCRIPT, diff_js),
    FILE_OF("dom.js", SCRIPT, dom_js),
    FILE_OF("download.js", SCRIPT, download_js),
    FILE_OF("effect.js", SCRIPT, effect_js),
    FILE_OF("effects.js", SCRIPT, effects_js),
    FILE_OF("form.js", SCRIPT, form_js),
    FILE_OF("format.js", SCRIPT, format_js),
    FILE_OF("grant.js", SCRIPT, grant_js),
    FILE_OF("icon.svg", IMAGE, icon_svg),
    FILE_OF("icons.js", SCRIPT, icons_js),
    FILE_OF("layer.js", SCRIPT, layer_js),
    FILE_OF("listbox.js", SCRIPT, listbox_js),
    FILE_OF("live.js", SCRIPT, live_js),
    FILE_OF("lockdown.js", SCRIPT, lockdown_js),
    FILE_OF("outputs.js", SCRIPT, outputs_js),
    FILE_OF("paged.js", SCRIPT, paged_js),
    FILE_OF("playbooks.js", SCRIPT, playbooks_js),
    FILE_OF("runs.js", SCRIPT, runs_js),
    FILE_OF("shellwords.js", SCRIPT, shellwords_js),
    FILE_OF("signin.js", SCRIPT, signin_js),
    FILE_OF("soon.js", SCRIPT, soon_js),
    FILE_OF("store.js", SCRIPT, store_js),
    FILE_OF("style.css", STYLE, style_css),
    FILE_OF("task.js", SCRIPT, task_js),
    FILE_OF("tasks.js", SCRIPT, tasks_js),
    FILE_OF("text.js", SCRIPT, text_js),
    FILE_OF("theme.js", SCRIPT, theme_js),
    FILE_OF("try.js", SCRIPT, try_js),
    FILE_OF("undo.js", SCRIPT, undo_js),
    FILE_OF("values.js", SCRIPT, values_js),
    FILE_OF("verify.js", SCRIPT, verify_js),
    FILE_OF("viewer.js", SCRIPT, viewer_js),
    FILE_OF("windowed.js", SCRIPT, windowed_js),
};

size_t cd_file_count(void) { return sizeof files / sizeof files[0]; }

const cd_file *cd_file_at(size_t index) { return index < cd_file_count() ? &files[index] : NULL; }
