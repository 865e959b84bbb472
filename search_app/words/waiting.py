"""States in which readers wait, and what the maintainer does first."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "waiting": ("正在等待，建好后这里会自动打开。", "Waiting; the page opens here by itself once it is made."),
    "building": ("正在建立知识库", "The knowledge base is being built"),
    "building_more": (
        "建好并发布以后，这里会自动打开，不用刷新。",
        "The page opens here by itself once the build is published; there is no need to reload.",
    ),
    "running_rebuild": ("正在重建", "A rebuild is running"),
    "running_rollback": ("正在退回", "A rollback is running"),
    "running_gc": ("正在清理", "A clearing up is running"),
    "running_other": ("知识库正在变动", "The base is being changed"),
    "running_since": (
        "自 {at}（{ago}），{host} 上的进程 {pid}",
        "since {at} ({ago}), process {pid} on {host}",
    ),
    "running_stage": ("{stage} {done}/{total}", "{stage} {done} of {total}"),
    "running_readers": ("读者仍看到现在发布的构建。", "Readers keep the published build meanwhile."),
    "no_base_here": ("还没有知识库", "There is no knowledge base yet"),
    "no_base_here_more": (
        "{folder} 里没有已发布的构建。先用一条命令建立：",
        "There is no published build in {folder}. One command makes it:",
    ),
    "own_pages": (
        "这是自带的示例页面；换成自己的，把 corpus/pages 改为它们所在的文件夹。",
        "These are sample pages; for your own, name their folder instead of corpus/pages.",
    ),
    "damaged_here": ("知识库读不出来", "The knowledge base cannot be read"),
    "damaged_found": ("发现：", "Found:"),
    "damaged_back": (
        "退回上一个完好的构建（几秒）：",
        "Go back to the build before, which takes seconds:",
    ),
    "damaged_anew": ("或者从页面重新建立：", "Or build it from the pages anew:"),
    "damaged_all": ("看清损坏了什么：", "See all that is damaged:"),
    "damaged_others": (
        "读者现在就可以查看保留的构建：",
        "These builds that were kept can be read at once:",
    ),
    "model_here": ("模型与构建不一致，或者找不到", "The model does not fit this build, or is missing"),
    "model_here_more": (
        "现在不能按意思检索，也不能作答；仍可只按字词查看段落。",
        "Search by meaning and answers have to wait; passages can still be ranked by words.",
    ),
    "model_moved": ("模型文件夹换了地方，就告诉服务器：", "Where its folder has moved, tell the server:"),
    "model_bundled": ("或者改用自带的模型重建：", "Or rebuild with the bundled model:"),
    "look_at_operation": ("查看运行状况", "See the operation page"),
}
