-- A laboratory's newest boxes without sorting all it ever received.
create index sample_box_lab_packed on sample_box (lab, packed_at desc) where lab is not null;
