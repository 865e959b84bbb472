"""What `policykb plan` says: parts of a base, stages, why one store and not the other."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "plan_title": (
        "{passages:,} 个段落（约 {pages:,} 页），模型 {model}（{dim} 维），每台机器内存 {memory}、磁盘 {disk}",
        "{passages:,} passages (about {pages:,} pages), model {model} ({dim} numbers a vector), machines with {memory}"
        " of memory and {disk} of disk",
    ),
    "plan_choose": ("建议", "choose"),
    "plan_store_embedded": ("内嵌存储，一台机器", "the embedded store, on one machine"),
    "plan_store_qdrant": (
        "Qdrant，{nodes} 个节点，{shards} 个分片，{replicas} 份副本",
        "Qdrant: {nodes} nodes, {shards} shards, {replicas} copies of each",
    ),
    "plan_store_several": (
        "{bases} 个知识库，例如按省份或站点划分：一台前端机器装不下全部记录",
        "{bases} bases, by province or by site for example: no machine in front of a cluster holds all the records",
    ),
    "plan_short_embedded": ("内嵌", "embedded"),
    "plan_short_qdrant": ("Qdrant", "Qdrant"),
    "plan_short_several": ("{bases} 个库", "{bases} bases"),
    "plan_why_embedded": (
        "在这样的机器上，内嵌存储可用到 {end:,} 个段落，最先不够的是{by}",
        "on such a machine the embedded store suffices up to {end:,} passages, where {by} ends",
    ),
    "plan_why_beyond": (
        "在这样的机器上，内嵌存储只到 {end:,} 个段落，最先不够的是{by}",
        "on such a machine the embedded store ends at {end:,} passages, by {by}",
    ),
    "plan_why_front": (
        "记录、目录和清单留在发问的机器上，那里只到 {end:,} 个段落，最先不够的是{by}，所以要 {bases} 个",
        "records, catalogue and manifest stay on the machine that asks; it ends at {end:,} passages, by {by}, so there"
        " are to be {bases}",
    ),
    "plan_why_cluster": (
        "{nodes} 个节点、{shards} 个分片，每片 {replicas} 份；更换构建时新旧两个集合并存",
        "{nodes} nodes and {shards} shards with {replicas} copies; while a build is published the old collections and"
        " the new stand side by side",
    ),
    "plan_why_float32": (
        "向量用 float32：用 int8 码也要 {other} 个节点",
        "vectors as float32: codes of 8 bits would take {other} nodes as well",
    ),
    "plan_why_int8": (
        "向量用 int8 码检索，要 {nodes} 个节点；用 float32 要 {other} 个。码要另占磁盘，近邻要用磁盘上的 float32"
        " 重新计分，量化要由运维者在集合上设置",
        "vectors searched by codes of 8 bits: {nodes} nodes, {other} with float32. Codes take disk as well, the nearest"
        " are scored again from float32 on disk, and who runs the cluster sets quantisation on its collections",
    ),
    "plan_why_slow": (
        "一次检索要占处理器 {here}（内嵌）或每个分片 {there}（Qdrant）：要更快，就分成几个知识库，或加分片",
        "a search takes a processor {here} embedded, or {there} on each shard of Qdrant: several bases, or more shards,"
        " make it faster",
    ),
    "plan_why_rebuild_disk": (
        "重建的机器仍要整个知识库的磁盘：{disk}",
        "the machine that rebuilds needs the disk of the whole base all the same: {disk}",
    ),
    "plan_why_embedding": (
        "不知道这个模型编码要多久：用 --passages-per-second 告诉它，时间里没有算编码",
        "how long this model takes to embed is not known: say it with --passages-per-second; the time leaves it out",
    ),
    "plan_why_night": (
        "用 {workers} 个进程从头重建，超过 {end:,} 个段落就要一天以上；只改动的页面会快得多。learn 和 clean 可以用 Ray"
        " 分到更多机器（--workers），其余在一台机器上",
        "a rebuild from nothing with {workers} processes takes more than a day from {end:,} passages on; one of changed"
        " pages takes far less. More machines share learn and clean with Ray (--workers), the rest runs on one",
    ),
    "plan_why_extrapolated": (
        "* 超出实测范围（最多 {measured:,} 个段落），按直线外推",
        "* drawn on along the measured line, beyond what was measured (up to {measured:,} passages)",
    ),
    "plan_by_memory": ("内存", "memory"),
    "plan_by_disk": ("磁盘", "disk"),
    "plan_by_question": ("提问的时间", "the time of a question"),
    "plan_by_rows": ("32 位行号", "row numbers of 32 bits"),
    "plan_by_night": ("一天之内从头重建", "a rebuild from nothing within a day"),
    "plan_part_of": ("{part}，每段落 {each}", "{part}, {each} a passage"),
    "plan_head_embedded": ("内嵌存储，一台机器", "embedded, one machine"),
    "plan_head_embedded_memory": ("其内存", "its memory"),
    "plan_head_question": ("每次提问的处理器时间", "processor time of a question"),
    "plan_head_build": ("从头重建的处理器时间", "processor time of a rebuild from nothing"),
    "plan_head_cluster": (
        "Qdrant，{codes}，{nodes} 个节点，全部副本和两代集合",
        "Qdrant with {codes}, {nodes} nodes: all copies and both generations of collections",
    ),
    "plan_head_cluster_memory": ("其内存", "its memory"),
    "plan_head_front": ("Qdrant 前面的机器：留下的", "the machine in front of Qdrant keeps"),
    "plan_head_front_memory": ("其内存", "its memory"),
    "plan_head_ends": ("到哪里为止", "where it ends"),
    "plan_end": ("{store}：{by}", "{store}: {by}"),
    "plan_single": ("单个 Qdrant 节点，{codes}", "one Qdrant node, {codes}"),
    "plan_front": ("Qdrant 前面的机器", "the machine in front"),
    "plan_rebuild": ("重建", "rebuild"),
    "plan_records": ("记录", "records"),
    "plan_words": ("字词", "words"),
    "plan_vectors": ("向量", "vectors"),
    "plan_manifest": ("清单", "manifest"),
    "plan_prepared": ("浏览预备", "prepared for exploring"),
    "plan_build": ("一个构建", "one build"),
    "plan_raw": ("原始网页", "raw pages"),
    "plan_caches": ("缓存", "caches"),
    "plan_disk": ("合计（两个构建）", "in all (two builds)"),
    "plan_process": ("进程自身", "the process itself"),
    "plan_rebuild_memory": ("同时重建", "a rebuild beside it"),
    "plan_memory": ("合计", "in all"),
    "plan_search": ("检索", "search"),
    "plan_ask": ("问答", "ask"),
    "plan_seconds": ("用 {workers} 个进程，直到发布", "until it is published, with {workers} processes"),
    "plan_prepare": ("发布之后为浏览作预备", "preparing for exploring, once it is published"),
    "plan_of_node": ("每个节点", "each node"),
    "plan_shard_search": (
        "检索，{shards} 个分片各查自己的一份：处理器时间",
        "a search, each of {shards} shards its share: processor time",
    ),
    "plan_load": ("装入并建索引一次：处理器时间", "loading and indexing it once: processor time"),
    "plan_graph": ("近邻图", "graph of neighbours"),
    "plan_index": ("字词索引", "index of words"),
    "plan_payload": ("附带字段", "payload"),
    "plan_fields": ("筛选字段索引", "index of fields"),
    "plan_ids": ("编号", "ids"),
    "plan_codes": ("8 位码", "codes of 8 bits"),
    "plan_keys": ("字词表", "vocabulary"),
    "plan_serving": ("进程自身", "the process itself"),
    "plan_in_all": ("合计", "in all"),
    "plan_stage_read": ("读取", "read"),
    "plan_stage_learn": ("学习", "learn"),
    "plan_stage_clean": ("清洗", "clean"),
    "plan_stage_group": ("归并重复", "group"),
    "plan_stage_embed": ("编码", "embed"),
    "plan_stage_index": ("建索引", "index"),
    "plan_stage_check": ("检查", "check"),
    "plan_column_passages": ("段落", "passages"),
    "plan_column_choose": ("建议", "choose"),
    "plan_column_disk": ("内嵌：磁盘", "embedded: disk"),
    "plan_column_memory": ("内存", "memory"),
    "plan_column_search": ("检索", "a search"),
    "plan_column_build": ("从头重建，{workers} 个进程", "rebuild, {workers} processes"),
    "plan_column_nodes": ("Qdrant：节点", "Qdrant: nodes"),
    "plan_column_shards": ("分片", "shards"),
    "plan_column_codes": ("向量", "vectors"),
    "plan_column_shard_search": ("检索", "a search"),
    "plan_column_node_memory": ("节点内存", "memory a node"),
    "plan_column_node_disk": ("节点磁盘", "disk a node"),
    "plan_column_front": ("前端：磁盘", "in front: disk"),
    "plan_column_front_memory": ("内存", "memory"),
}
