"""RadFusion: CT of the lungs' arteries and the record of patients who may have an embolism."""
